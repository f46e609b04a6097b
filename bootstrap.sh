#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Make ./configure from configure.ac (needs autoconf, automake, libtool).
set -eu
cd "$(dirname "$0")"
for tool in autoreconf automake; do
	command -v $tool >/dev/null || {
		echo "bootstrap: $tool is missing (apt-get install autoconf automake)" >&2
		exit 1
	}
done
exec autoreconf -fi
