#!/bin/sh
# Gets the shells that completion is tested in, where they are missing (Debian, Ubuntu).
missing=
for shell in bash zsh fish man; do
  command -v "$shell" > /dev/null || missing="$missing $shell"
done
[ -z "$missing" ] && exit 0
missing=$(echo "$missing" | sed 's/\bman\b/man-db/')
[ "$(id -u)" = 0 ] && sudo= || sudo=sudo
$sudo apt-get update -q && $sudo apt-get install -q -y --no-install-recommends $missing
