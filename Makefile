# The two commands most people need:
#   make demo    install what the build needs, build, and serve a complete demonstration
#   make test    install what the tests need, build and pass every test
# Run as root or with sudo on Debian 12. The others are listed by `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
BINARY := build/release/clairscore
CXX_FILES = $(shell git ls-files '*.cc' '*.h')

.PHONY: help demo test build bench fuzz format check oracles clean test-cpp test-sanitizers test-web test-browser \
  image image-test dockerfile-test check-tree check-deploy check-docs deploy deploy-test packages release hub-interop \
  guide-test protocol-clients faults

help:
	@echo "make demo      build and serve a complete demonstration on ports 7860 and 8000"
	@echo "make test      build and pass every test (release, sanitizers, web, browser)"
	@echo "make build     build $(BINARY)"
	@echo "make check     clang-format, clang-tidy, the web checks, and what the documentation names"
	@echo "make check-deploy  shellcheck, actionlint, the schemas of Kubernetes and Compose (Go and Python)"
	@echo "make format    rewrite the sources as clang-format wants them"
	@echo "make bench     measure what the README claims"
	@echo "make fuzz      run every fuzz target for SECONDS_EACH=60"
	@echo "make image     the container image, without an engine, as build/image/clairscore.oci.tar"
	@echo "make image-test  run that image in a chroot (root)"
	@echo "make dockerfile-test  the Dockerfile's steps by buildah, in a chroot (root)"
	@echo "make packages  the image, a Debian package and a tarball in build/release-files"
	@echo "make deploy    push this commit to a Hugging Face Space"
	@echo "make oracles   record the test fixtures again with Python (slow)"
	@echo "make guide-test  do what docs/from-model-to-space.md says, with a model trained there (needs Python)"
	@echo "make hub-interop  share a cache with the real huggingface_hub, 1.x and 2.x (needs Python)"
	@echo "make faults    slow clients, full disks, reloads and load against the server, for SECONDS=60"
	@echo "make protocol-clients  ask with the real tritonclient and schemathesis (needs Python)"
	@echo "make clean     remove build/ and the web packages"

demo: build
	$(BINARY) demo

build:
	scripts/install-deps.sh build
	cmake --preset release -DCLAIRSCORE_TESTS=OFF -DCLAIRSCORE_BENCH=OFF
	cmake --build --preset release --target clairscore -j $(JOBS)

test: test-cpp test-sanitizers test-web test-browser
	@echo "All tests passed: release, sanitizers, web, browser."

test-cpp:
	scripts/install-deps.sh build test
	cmake --preset release -DCLAIRSCORE_TESTS=ON
	cmake --build --preset release -j $(JOBS)
	ctest --preset release -j $(JOBS)

test-sanitizers:
	scripts/install-deps.sh build test
	cmake --preset asan-ubsan
	cmake --build --preset asan-ubsan -j $(JOBS)
	ctest --preset asan-ubsan -j $(JOBS)

test-web:
	scripts/install-deps.sh build
	cd web && npm ci --no-audit --no-fund && npm run check && npm test

test-browser: test-cpp test-web
	cd web && CLAIRSCORE_BINARY=$(CURDIR)/$(BINARY) npm run e2e

bench:
	scripts/install-deps.sh build test bench
	cmake --preset release -DCLAIRSCORE_BENCH=ON
	cmake --build --preset release -j $(JOBS)
	bench/run.sh

fuzz:
	scripts/install-deps.sh build fuzz
	cmake --preset fuzz
	cmake --build --preset fuzz -j $(JOBS)
	fuzz/run.sh $(or $(SECONDS_EACH),60)

format:
	scripts/install-deps.sh check
	clang-format-19 -i $(CXX_FILES)

check:
	scripts/install-deps.sh build test check
	clang-format-19 --dry-run -Werror $(CXX_FILES)
	cmake --preset release -DCLAIRSCORE_TESTS=ON
	cmake --build --preset release -j $(JOBS)
	scripts/clang-tidy.sh build/release
	cd web && npm ci --no-audit --no-fund && npm run check
	node scripts/check-docs.mjs $(BINARY)

check-docs: build
	node scripts/check-docs.mjs $(BINARY)

check-deploy:
	scripts/install-deps.sh check-deploy
	packaging/check.sh

check-tree:
	packaging/check-tree.sh

# The time of the commit, so that the same commit gives the same image.
image image-test: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
image: build
	packaging/image/root.sh $(BINARY) build/image
	packaging/image/oci.sh build/image build/image/clairscore.oci.tar

# Made twice, it is the same to the byte.
image-test: image
	packaging/image/root.sh $(BINARY) build/image/again
	packaging/image/oci.sh build/image/again build/image/again.oci.tar
	cmp build/image/clairscore.oci.tar build/image/again.oci.tar
	packaging/image/test.sh build/image/clairscore.oci.tar

dockerfile-test: image
	scripts/install-deps.sh dockerfile
	packaging/image/dockerfile_test.sh

packages: image
	scripts/install-deps.sh package
	packaging/packages.sh

deploy:
	packaging/deploy.sh

deploy-test:
	packaging/deploy_test.sh

release:
	packaging/release.sh

oracles:
	oracles/regenerate.sh

hub-interop: build
	oracles/hub_interop.sh

guide-test: build
	oracles/guide_test.py $(BINARY) build/guide

protocol-clients: build
	oracles/protocol_clients.sh

faults: build
	bench/faults.sh $(BINARY) $(or $(SECONDS),60)

clean:
	rm -rf build web/node_modules web/dist
