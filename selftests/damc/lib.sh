# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every shell test sources. Subtests are functions that call check_err / check_fail and end
# with log_test; the program ends with ksft_exit. Output is TAP.
#
#	. ./lib.sh
#	ksft_need damc
#	ping_works() { ip netns exec "$a" ping -c1 ...; check_err $? "no answer"; log_test "ping"; }
#	setup_ns a b
#	ksft_run ping_works

ksft_pass=0
ksft_fail=1
ksft_skip=4

RET=0
EXIT_STATUS=$ksft_pass
KSFT_COUNT=0
KSFT_MESSAGE=
NS_LIST=()

# Timing assertions multiply by this: an emulated machine is slow.
SLOW=1
[ "${KSFT_MACHINE_SLOW-}" = yes ] && SLOW=5

# setup_ns VAR...: a new network namespace with loopback up for each, its name in VAR
setup_ns()
{
	local var batch=

	for var; do
		printf -v "$var" %s "$var-$RANDOM$RANDOM"
		NS_LIST+=("${!var}")
		batch+="netns add ${!var}"$'\n'
	done
	ip -b - <<<"$batch" || ksft_bail "cannot add network namespaces $*"
	for var; do
		ip -n "${!var}" link set lo up
	done
}

# One process for all of them: emulated, each is a tenth of a second.
cleanup_ns()
{
	local name pid batch=

	for name; do
		for pid in /proc/[0-9]*; do
			[ "$pid/ns/net" -ef "/run/netns/$name" ] && kill "${pid#/proc/}"
		done
		batch+="netns delete $name"$'\n'
	done 2>/dev/null
	ip -force -b - <<<"$batch" 2>/dev/null
	return 0
}

cleanup_all_ns()
{
	cleanup_ns "${NS_LIST[@]}"
	NS_LIST=()
}

# in_ns VAR COMMAND...: run a command in the namespace that setup_ns put in VAR
in_ns()
{
	local ns=${!1}
	shift
	ip netns exec "$ns" "$@"
}

# counter VAR NAME: what damc's counter of that namespace has counted
counter()
{
	local name value

	while read -r name value; do
		[ "$name" != "$2" ] || { echo "$value"; return; }
	done < <(damc -n "${!1}" -s stats)
	echo 0
}

# veth_pair NS1 DEV1 NS2 DEV2: a link between two namespaces, both ends up
veth_pair()
{
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3" &&
		ip -n "$1" link set "$2" up && ip -n "$3" link set "$4" up
}

# busywait MS COMMAND...: true as soon as COMMAND is, false after MS
busywait()
{
	local now end=$(($(date +%s%N) / 1000000 + $1 * SLOW))
	shift
	until "$@"; do
		now=$(($(date +%s%N) / 1000000))
		[ "$now" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# slowwait SECONDS COMMAND...: the same, asking ten times a second
slowwait()
{
	local end=$((SECONDS + $1 * SLOW))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

not()
{
	! "$@"
}

# check_err STATUS TEXT: the subtest fails with TEXT unless STATUS is 0; its first failure counts
check_err()
{
	[ "$1" -eq 0 ] || [ "$RET" -ne 0 ] || { RET=$ksft_fail KSFT_MESSAGE=$2; }
	[ "$1" -eq 0 ]
}

# check_fail STATUS TEXT: the subtest fails with TEXT if STATUS is 0
check_fail()
{
	[ "$1" -ne 0 ] || [ "$RET" -ne 0 ] || { RET=$ksft_fail KSFT_MESSAGE=$2; }
	[ "$1" -ne 0 ]
}

# log_test NAME: the subtest's result line; then start the next one
log_test()
{
	KSFT_COUNT=$((KSFT_COUNT + 1))
	case $RET in
	0)		echo "ok $KSFT_COUNT $1" ;;
	"$ksft_skip")	echo "ok $KSFT_COUNT $1 # SKIP $KSFT_MESSAGE" ;;
	*)		echo "not ok $KSFT_COUNT $1 # $KSFT_MESSAGE"; EXIT_STATUS=$ksft_fail ;;
	esac
	RET=0 KSFT_MESSAGE=
}

# log_test_skip NAME REASON
log_test_skip()
{
	RET=$ksft_skip KSFT_MESSAGE=${2-}
	log_test "$1"
}

ksft_bail()
{
	echo "Bail out! $*"
	exit $ksft_fail
}

# ksft_not_on KERNEL WHY: skip all on a kernel of the lanes (selftests/vm/run)
ksft_not_on()
{
	[ "${DAMC_KERNEL-}" = "$1" ] || return 0
	echo "1..0 # SKIP $2"
	exit $ksft_skip
}

# ksft_need MODULE...: skip the whole program where a module cannot be had
ksft_need()
{
	local module

	[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP needs root"; exit $ksft_skip; }
	for module; do
		[ -d "/sys/module/${module//-/_}" ] || modprobe -q "$module" || {
			echo "1..0 # SKIP no module $module"
			exit $ksft_skip
		}
	done
}

ksft_exit()
{
	echo "1..$KSFT_COUNT"
	exit "$EXIT_STATUS"
}

# ksft_run FUNCTION...: run subtests in order, clean up, end the program
ksft_run()
{
	local function

	for function; do
		"$function"
	done
	ksft_exit
}

trap cleanup_all_ns EXIT
