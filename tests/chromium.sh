#!/bin/sh
# The browser tests need Debian's Chromium and a Chinese font. Install them if that is possible here;
# otherwise the tests say loudly that they did not run. The shell without windows takes half the time
# of the whole browser, which does as well where it is the only one.
command -v chromium-headless-shell >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi cjk && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "Installing Chromium and a Chinese font for the browser tests"
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
  chromium-headless-shell fonts-noto-cjk fontconfig; } >/tmp/honghu-chromium.log 2>&1 && exit 0
command -v chromium >/dev/null 2>&1 ||
  echo "Chromium could not be installed (see /tmp/honghu-chromium.log): browser tests will not run"
exit 0
