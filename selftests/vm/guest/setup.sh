# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The first and last steps of the guest: mounts, channels, power off.

setup_root()
{
	read -r cmdline </proc/cmdline
	mount -t sysfs sysfs /sys
	mountpoint -q /dev || mount -t devtmpfs dev /dev
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o ptmxmode=666 devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t tmpfs tmpfs /run
	mount -t tmpfs tmpfs /tmp
	chmod 1777 /tmp /dev/shm
	mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
	mount -t bpf bpf /sys/fs/bpf 2>/dev/null
	mkdir -p /run/netns /run/lock
	ln -sfn /proc/self/fd /dev/fd
	ln -sfn /proc/self/fd/0 /dev/stdin
	ln -sfn /proc/self/fd/1 /dev/stdout
	ln -sfn /proc/self/fd/2 /dev/stderr
	hostname damc
	ip link set lo up
	# From here on everything the kernel says is kept; a warning must not be rate-limited away.
	echo '7 4 1 7' >/proc/sys/kernel/printk
	echo on >/proc/sys/kernel/printk_devkmsg
	quietly kernel/hung_task_timeout_secs 60
	quietly kernel/hung_task_warnings -1
}

# quietly NAME VALUE: set a sysctl this kernel may not have
quietly()
{
	[ ! -w "/proc/sys/$1" ] || echo "$2" >"/proc/sys/$1"
}

# File descriptor 8 is the command's output, 9 the verdict. A machine has lines of its own for
# them; user-mode Linux writes the verdict to a file of the host.
setup_channels()
{
	case " $cmdline " in
	*" damcvm_run="*)
		exec 8>/dev/tty1 9>/verdict/verdict
		stty raw -echo </dev/tty1
		;;
	*)
		exec 8>/dev/ttyS2 9>/dev/ttyS1
		stty raw -echo </dev/ttyS1
		stty raw -echo </dev/ttyS2
		;;
	esac
}

leave()
{
	exec 8>&- 9>&-
	sync
	case " $cmdline " in
	*" damcvm_run="*)	busybox poweroff -f ;;
	*)		busybox reboot -f ;;
	esac
	sleep 30
}
