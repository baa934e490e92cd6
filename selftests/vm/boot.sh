# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Start a guest and return when it has ended. Each needs $run (the run's directory), $lane, $kernel,
# $cpus, $memory, $counted, $nonce, $wall and $boot_wait (seconds after which the machine is killed,
# and after which it is if its init has not begun); the guest's output is this shell's stdout, its
# console $run/console.log, its verdict $run/verdict/verdict.

boot_arguments="oops=panic panic=-1 loglevel=5 slab_nomerge net.ifnames=0 dummy.numdummies=0"

# QEMU 7.2's emulated cmpxchg16b can lose the flags to an interrupt, and a slab allocator that
# trusts it dies anywhere: of 12 boots of 6.12 seven failed with it, none of 6 without.
cpu_model=max,-cx16
# Emulated, each of these costs more than what it saves; SMAP is left to the stock kernels.
debug_cpu_model=$cpu_model,-smap,-xsave,-erms,-fsrm

boot_qemu()
{
	local accel machine=(-M q35) cpu=$cpu_model

	[ "$lane" != debug ] || cpu=$debug_cpu_model
	cat "$base/base.cpio" "$run/overlay.cpio" >"$run/initrd"
	if [ "$counted" = yes ]; then
		accel=(-accel 'tcg,thread=single' -icount 'shift=1,sleep=off' -rtc clock=vm -cpu "$cpu")
	elif [ "$("$here/accel")" = kvm ]; then
		accel=(-accel kvm -cpu host)
	else
		accel=(-accel 'tcg,thread=multi' -cpu "$cpu")
	fi
	[ ! -f /usr/share/qemu/qboot.rom ] || machine+=(-bios qboot.rom)
	timeout -k 5 "$wall" qemu-system-x86_64 "${machine[@]}" "${accel[@]}" \
		-smp "$cpus" -m "${memory}M" -nodefaults -display none -no-reboot \
		-kernel "$kernel/image" -initrd "$run/initrd" \
		-append "console=ttyS0,115200 $boot_arguments mitigations=off tsc=reliable $extra" \
		-chardev "file,id=console,path=$run/console.log" -serial chardev:console \
		-chardev "file,id=verdict,path=$run/verdict/verdict" -serial chardev:verdict \
		-chardev stdio,id=output,signal=off -serial chardev:output \
		</dev/null 2>"$run/machine.log" &
	await $! 2>/dev/null
}

boot_uml()
{
	timeout -k 5 "$wall" "$kernel/image" "mem=${memory}M" rootfstype=hostfs \
		"rootflags=$base/root" ro init=/uml-init "damcvm_run=$run" \
		"uml_dir=$run" umid=uml con=null con0=null,fd:1 con1=null,fd:51 \
		$boot_arguments $extra 51>&1 >"$run/console.log" </dev/null 2>"$run/machine.log" &
	await $! 2>/dev/null
}

# Whether its init begins, or it ends by itself.
comes_up()
{
	local i

	for ((i = 0; i < boot_wait; i++)); do
		! grep -qs "^$nonce up" "$run/verdict/verdict" || return 0
		[ -d "/proc/$1" ] || return 0
		sleep 1
	done
	return 1
}

# A signal to us ends the machine, and only that.
await()
{
	trap 'kill "$1" 2>/dev/null; wait "$1"; exit 130' INT TERM HUP
	up=yes
	comes_up "$1" || { up=no; kill "$1"; }
	wait "$1"
	machine_status=$?
	trap - INT TERM HUP
}
