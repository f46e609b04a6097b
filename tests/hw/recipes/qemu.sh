# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# How kernels.sh makes the kernel for QEMU: the release's stock kernel and its
# headers, unpacked, not installed; vmlinux taken out of its image, which QEMU
# starts without a boot loader; the modules a router may want; an initramfs;
# and netdevsim and rocker, which Debian leaves out, from the source package
# of the same version.  Read by kernels.sh, whose functions and variables it
# uses.  It refuses other processors than amd64.

qemu_version() {
	[ "$(dpkg --print-architecture)" = amd64 ] ||
		fail "the kernel for QEMU is made on amd64 only"
	candidate linux-image-amd64
	release=$(apt-cache $apt_options show --no-all-versions linux-image-amd64 |
		sed -n 's/^Depends:.*linux-image-\([^ ,]*-amd64\).*/\1/p')
	[ -n "$release" ] || fail "linux-image-amd64 depends on no kernel"
	candidate "linux-image-$release"
	version=$candidate
	series=$(echo "$release" | cut -d . -f 1-2)
}

# qemu_make DIR
qemu_make() {
	say "qemu: fetching linux $version, its headers and its source"
	fetch "$tmp/deb" "linux-image-$release=$version" \
		"linux-headers-$release=$version" \
		"linux-headers-${release%-amd64}-common=$version" \
		"linux-kbuild-$series=$version" "linux-source-$series=$version"
	echo "$release" > "$1/release"
	step "unpacking" qemu_unpack "$1"
	step "taking vmlinux out of its image" qemu_vmlinux "$1"
	step "building netdevsim and rocker" qemu_modules "$1"
	step "keeping the modules a router may want" qemu_keep "$1"
	step "making the initramfs" qemu_initramfs "$1"
}

qemu_unpack() {
	for deb in "$tmp"/deb/linux-headers-*.deb "$tmp"/deb/linux-kbuild-*.deb; do
		dpkg-deb -x "$deb" "$1/build"
	done
	rm -rf "$1/build/lib" "$1/build/usr/share"
	# the one absolute path
	sed -i "s,^include /usr/src/,include \$(dir \$(lastword \$(MAKEFILE_LIST)))../," \
		"$(build_tree qemu "$1")/Makefile"
	dpkg-deb -x "$tmp"/deb/linux-image-*.deb "$tmp/image"
	mkdir "$tmp/pkg" "$tmp/src"
	dpkg-deb --fsys-tarfile "$tmp"/deb/linux-source-*.deb |
		tar -x -C "$tmp/pkg" --wildcards '*.tar.xz'
	xz -dc -T0 "$tmp"/pkg/usr/src/linux-source-*.tar.xz |
		tar -x -C "$tmp/src" --strip-components=1 --wildcards \
			'*/drivers/net/netdevsim' '*/drivers/net/ethernet/rocker' \
			'*/scripts/extract-vmlinux'
	rm -rf "$tmp/pkg" "$tmp/deb"
}

qemu_vmlinux() {
	sh "$tmp/src/scripts/extract-vmlinux" "$tmp/image/boot/vmlinuz-$release" \
		> "$1/vmlinux" && [ -s "$1/vmlinux" ]
}

qemu_modules() {
	for module in netdevsim:NETDEVSIM ethernet/rocker:ROCKER; do
		make -s -C "$(build_tree qemu "$1")" -j"$jobs" \
			M="$tmp/src/drivers/net/${module%:*}" \
			"CONFIG_${module#*:}=m" CONFIG_DEBUG_INFO_BTF_MODULES= \
			modules || return 1
	done
}

qemu_keep() {
	from=$tmp/image/lib/modules/$release
	to=$1/lib/modules/$release
	mkdir -p "$to/extra"
	cp "$from"/modules.order "$from"/modules.builtin* "$to"
	(cd "$from" && for name in net lib crypto arch fs/9p fs/fscache fs/netfs \
		fs/overlayfs drivers/virtio drivers/char drivers/ptp drivers/pps \
		drivers/net/*.ko drivers/net/bonding drivers/net/team \
		drivers/net/ipvlan drivers/net/vxlan drivers/net/mdio \
		drivers/net/phy; do
		echo "kernel/$name"
	done | while read -r name; do
		# the shell has widened *.ko to nothing outside of kernel/
		for found in $name; do [ ! -e "$found" ] || echo "$found"; done
	done | tar -c -T -) | tar -x -C "$to"
	find "$tmp/src/drivers" -name '*.ko' -exec cp {} "$to/extra" \;
	strip -g "$to"/extra/*.ko
	[ -e "$to/extra/netdevsim.ko" ] && [ -e "$to/extra/rocker.ko" ] &&
		depmod -b "$1" "$release"
}

qemu_initramfs() {
	mkdir -p "$tmp/ram/bin" "$tmp/ram/modules"
	cp /bin/busybox "$tmp/ram/bin"
	cp "$here/guest/initramfs" "$tmp/ram/init"
	chmod 755 "$tmp/ram/init"
	for module in virtio_pci virtio_console 9p 9pnet_virtio overlay; do
		/sbin/modprobe -d "$1" -S "$release" --show-depends "$module" ||
			return 1
	done > "$tmp/depends"
	awk '$1 == "insmod" && !seen[$2]++ { print $2 }' "$tmp/depends" |
		while read -r file; do
			cp "$file" "$tmp/ram/modules" &&
				echo "${file##*/}" >> "$tmp/ram/modules/order"
		done
	(cd "$tmp/ram" && find . | cpio -o -H newc) > "$1/initramfs"
}
