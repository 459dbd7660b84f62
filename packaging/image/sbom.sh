#!/usr/bin/env bash
# sbom.sh BINARY PACKAGE... --inside PACKAGE...: an SPDX 2.3 document, on standard output, of the
# binary, the Debian packages whose files go with it, those that were compiled or linked into it, and
# the packages in its screen.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
binary=$1
shift
hash=$(sha256sum "$binary" | cut -d' ' -f1)
version=$("$binary" --version | cut -d' ' -f2)
created=$(date --utc --date="@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%dT%H:%M:%SZ)

entry() { # id, name, version, purl, licence
  printf '    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "licenseDeclared": "%s", "copyrightText": "NOASSERTION", "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "%s"}]}' \
    "$1" "$2" "$3" "$5" "$4"
}
related() { printf '    {"spdxElementId": "SPDXRef-clairscore", "relationshipType": "%s", "relatedSpdxElement": "SPDXRef-%s"}' "$1" "$2"; }

ids=()
how=DYNAMIC_LINK
{
  printf '{\n  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",\n'
  printf '  "name": "clairscore-%s", "documentNamespace": "urn:clairscore:%s",\n' "$version" "$hash"
  printf '  "creationInfo": {"created": "%s", "creators": ["Tool: clairscore packaging/image/sbom.sh"]},\n' "$created"
  printf '  "packages": [\n'
  printf '    {"SPDXID": "SPDXRef-clairscore", "name": "clairscore", "versionInfo": "%s", "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "licenseConcluded": "MIT", "licenseDeclared": "MIT", "copyrightText": "NOASSERTION", "checksums": [{"algorithm": "SHA256", "checksumValue": "%s"}]}' "$version" "$hash"
  for package in "$@"; do
    if [ "$package" = --inside ]; then
      how=STATIC_LINK
      continue
    fi
    id=deb-${package//[^A-Za-z0-9.-]/-}
    ids+=("$how $id")
    found=$(dpkg-query -W -f='${Version} ${Architecture}\n' "$package" | head -1)
    printf ',\n'
    entry "$id" "$package" "${found% *}" "pkg:deb/debian/${package//+/%2B}@${found% *}?arch=${found#* }" NOASSERTION
  done
  for package in svelte d3-array internmap; do
    read -r found licence < <(node -p "const p = require('$source_dir/web/node_modules/$package/package.json'); p.version + ' ' + p.license")
    ids+=("CONTAINS npm-$package")
    printf ',\n'
    entry "npm-$package" "$package" "$found" "pkg:npm/$package@$found" "$licence"
  done
  printf '\n  ],\n  "relationships": [\n'
  printf '    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-clairscore"}'
  for id in "${ids[@]}"; do
    printf ',\n'
    related "${id% *}" "${id#* }"
  done
  printf '\n  ]\n}\n'
}
