# The image of a Hugging Face Space, and of anywhere else: the binary, the libraries it links,
# certificates and a font. `make image` makes the same without a Docker engine.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates make
WORKDIR /src
COPY . .
# A Space takes text only: deploy.sh sends what is binary as NAME.base64.
RUN find . -name '*.base64' -exec sh -c 'base64 -d "$1" > "${1%.base64}" && rm "$1"' - {} ';'
RUN make build
RUN packaging/image/root.sh build/release/clairscore /image \
  && mkdir /root-files && cp -a /image/base/. /image/app/. /root-files/

FROM scratch
COPY --from=build /root-files/ /
USER 1000:1000
WORKDIR /home/clairscore
# The Space's proxy stands before it; set CLAIRSCORE_OPEN=0 and tokens where none does.
# HF_HOME is left to the program: /data/.huggingface where /data is writable, else the cache below.
ENV PATH=/usr/bin HOME=/home/clairscore XDG_CACHE_HOME=/tmp/.cache \
  CLAIRSCORE_HOST=0.0.0.0 CLAIRSCORE_OPEN=1 CLAIRSCORE_DEMO_WITHOUT_ASSETS=1
EXPOSE 7860 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=300s --retries=3 CMD ["clairscore", "health"]
ENTRYPOINT ["clairscore"]
CMD ["serve"]
