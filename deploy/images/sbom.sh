#!/bin/sh
# What is in this image, as SPDX 2.3: Debian's packages by name, version and source, and the program itself. Run in the build
# of an image: sbom.sh PROGRAM. Licences are in /usr/share/doc/PACKAGE/copyright.
set -eu
program=$1
version=$("/usr/bin/$program" --version)
sum=$(sha256sum "/usr/bin/$program" | cut -d' ' -f1)
{
  cat <<END
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "$program",
  "documentNamespace": "https://bellwether.invalid/sbom/$program/$sum",
  "creationInfo": {"created": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "creators": ["Tool: bellwether-sbom"]},
  "documentDescribes": ["SPDXRef-program"],
  "packages": [
    {"SPDXID": "SPDXRef-program", "name": "$program", "versionInfo": "$version", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,
     "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0", "copyrightText": "2026 The maintainers of Bellwether",
     "checksums": [{"algorithm": "SHA256", "checksumValue": "$sum"}]}
END
  dpkg-query -W -f='${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n' | while read -r package its_version architecture source source_version; do
    cat <<END
    ,{"SPDXID": "SPDXRef-$(echo "$package" | tr -c 'A-Za-z0-9.\n' -)", "name": "$package", "versionInfo": "$its_version", "downloadLocation": "NOASSERTION",
     "filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
     "sourceInfo": "built from $source $source_version",
     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/$package@$its_version?arch=$architecture"}]}
END
  done
  printf '  ]\n}\n'
} >"/usr/share/sbom/$program.spdx.json"
rm /usr/share/sbom/sbom.sh
