# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What is installed where, for install and uninstall. To be sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$top/tools/install
dest=${DESTDIR-}
man=$dest${PREFIX:-/usr/local}/share/man

system_files=(
	"$here/60-hchan.rules:$dest/etc/udev/rules.d/60-hchan.rules"
	"$here/dev-chan.mount:$dest/etc/systemd/system/dev-chan.mount"
	"$here/hchan.conf:$dest/etc/modules-load.d/hchan.conf"
)
while read -r page; do
	system_files+=("$page:$man/man${page##*.}/${page##*/}")
done < <(find "$top/kmod/doc/man" -name '*.[1-9]' 2>/dev/null | sort)
