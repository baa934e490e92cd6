# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The first and last steps of the guest: mounts, channels, power off.

# Few programs are started: under a checking kernel in emulation each costs a second.
setup_root()
{
	read -r cmdline </proc/cmdline
	mount -a -T /damc/fstab 2>/dev/null
	cp -d /damc/dev/* /dev/
	ip link set lo up
	echo damc >/proc/sys/kernel/hostname
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
