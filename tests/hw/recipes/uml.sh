# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# How kernels.sh makes User-Mode Linux: the source package, our fragment over
# allnoconfig, one build in the tree, and of that tree only what running the
# kernel and building modules needs.  Read by kernels.sh, whose functions and
# variables it uses; it refuses a line of the fragment that kconfig dropped.

uml_version() {
	candidate "$source"
	version=$candidate
}

# uml_make DIR
uml_make() {
	say "uml: fetching $source $version"
	fetch "$tmp/deb" "$source=$version"
	step "unpacking" uml_unpack
	tree=$(find "$tmp/src" -mindepth 1 -maxdepth 1 -type d)
	[ -f "$tree/arch/um/Makefile" ] || fail "$source holds no arch/um"
	step "making room for the registers of every host" uml_registers
	uml_wanted > "$tmp/uml.config"
	step "configuring" make -s -C "$tree" ARCH=um \
		KCONFIG_ALLCONFIG="$tmp/uml.config" allnoconfig
	uml_lost
	step "building $source with $jobs jobs (some minutes)" \
		make -s -C "$tree" ARCH=um -j"$jobs" linux modules
	step "installing modules" make -s -C "$tree" ARCH=um \
		INSTALL_MOD_PATH="$1" INSTALL_MOD_STRIP=1 modules_install
	rm -f "$1"/lib/modules/*/build "$1"/lib/modules/*/source
	ls "$1/lib/modules" > "$1/release"
	strip -s -o "$1/linux" "$tree/linux"
	cp "$tree/.config" "$1/config"
	step "keeping what modules are built with" uml_keep "$1/build"
}

uml_wanted() {
	if [ "$lean" = yes ]; then
		sed '/^# --- what costs time/,$d' "$here/uml.config"
	else
		cat "$here/uml.config"
	fi
}

uml_unpack() {
	mkdir "$tmp/pkg" "$tmp/src"
	dpkg-deb --fsys-tarfile "$tmp"/deb/*.deb |
		tar -x -C "$tmp/pkg" --wildcards '*.tar.xz'
	xz -dc -T0 "$tmp"/pkg/usr/src/linux-source-*.tar.xz |
		tar -x -C "$tmp/src" --exclude='*/Documentation/devicetree/*'
	rm -rf "$tmp/pkg" "$tmp/deb"
}

# A host takes its extended registers back (PTRACE_SETREGSET) only whole.  What
# this kernel has room for is less than a host with AMX has, where the first
# program would die: so more room, and as many bytes as the host gives; stacks
# have to be larger with it (uml.config).  A second room for them is part of
# thread_info and copied with each interrupt: it is used by one task at a time
# and moves into a variable.  Later kernels need none of this.
uml_registers() (
	cd "$tree/arch" || return 1
	grep -q 'HOST_FP_SIZE, 2696' x86/um/user-offsets.c || return 0
	sed -i 's/DEFINE_LONGS(HOST_FP_SIZE, 2696);/DEFINE_LONGS(HOST_FP_SIZE, 12288);/' \
		x86/um/user-offsets.c &&
	sed -i -e 's/^static int have_xstate_support;/static unsigned long have_xstate_support;/' \
		-e '/^int .*_fp_registers/,/^}/ s/iov_len = FP_SIZE.*/iov_len = have_xstate_support;/' \
		-e 's/have_xstate_support = 1;/have_xstate_support = iov.iov_len;/' \
		x86/um/os-Linux/registers.c &&
	sed -i '/unsigned long aux_fp_regs\[FP_SIZE\];/,/\*\//d' \
		um/include/asm/thread_info.h &&
	sed -i -e 's/current_thread_info()->aux_fp_regs/aux_fp_regs/' \
		-e '0,/^struct .*cpu_tasks\[/ s//static unsigned long aux_fp_regs[FP_SIZE];\n&/' \
		um/kernel/process.c || return 1
	uml_has 1 'HOST_FP_SIZE, 12288' x86/um/user-offsets.c &&
	uml_has 2 'iov_len = have_xstate_support;' x86/um/os-Linux/registers.c &&
	uml_has 1 'have_xstate_support = iov.iov_len;' x86/um/os-Linux/registers.c &&
	uml_has 0 aux_fp_regs um/include/asm/thread_info.h &&
	uml_has 3 '[ (]aux_fp_regs' um/kernel/process.c
)
# uml_has TIMES WHAT FILE
uml_has() { [ "$(grep -c "$2" "$3")" = "$1" ]; }

# A line that a renamed or missing dependency swallows is a test that tests
# nothing, months later.
uml_lost() {
	lost=$(grep '^CONFIG' "$tmp/uml.config" | while IFS= read -r line; do
		case $line in
		*=n) ! grep -q "^${line%=n}=" "$tree/.config" || echo "$line" ;;
		*) grep -qxF "$line" "$tree/.config" || echo "$line" ;;
		esac
	done)
	[ -z "$lost" ] || fail "kconfig of $source does not take: $(echo $lost)"
}

uml_keep() {
	mkdir "$1"
	(
		cd "$tree"
		echo Makefile
		echo .config
		echo Module.symvers
		find arch/um arch/x86 \( -name 'Makefile*' -o -name Kbuild -o -name '*.lds*' \)
		find arch/um arch/x86 -type d -name include
		find arch/um arch/x86/um -name '*.h'
		find include -mindepth 1 -maxdepth 1 ! -name dt-bindings ! -name config
		find include/config -maxdepth 1 -name 'auto.conf' -o -name kernel.release
		find scripts \( -name dtc -o -name kconfig -o -name package \
			-o -name coccinelle \) -prune -o ! -name '*.o' ! -type d -print
	) | sort -u | while IFS= read -r name; do
		[ ! -e "$tree/$name" ] || echo "$name"
	done | tar -c -C "$tree" -T - | tar -x -C "$1"
	[ -e "$1/scripts/mod/modpost" ]
}
