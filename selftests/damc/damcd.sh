# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# damcd in network namespaces, for tests. Sourced after lib.sh; DAMCD_DIR has each node's
# configuration, log and state.

DAMCD_DIR=$(mktemp -d)
declare -A DAMCD_PID
DAMCD_CALLS=

# damcd_conf NODE ROLE LINE...: its configuration, in a lab
damcd_conf()
{
	local node=$1 role=$2
	shift 2

	damcd_write "$node" "$role" "insecure-lab: {node: $node}" "$@"
}

# damcd_identity NODE ROLE DIR LINE...: the same with the identity in DIR
damcd_identity()
{
	local node=$1 role=$2 dir=$3
	shift 3

	damcd_write "$node" "$role" "identity: $dir" "$@"
}

damcd_write()
{
	local node=$1 role=$2
	shift 2

	printf '%s\n' "role: $role" "state: $DAMCD_DIR/$node.state" "log-level: debug" "$@" \
		>"$DAMCD_DIR/$node.conf"
}

# damcd_enrol NODE ROLES [OPTION...]: a key on the host, a certificate by the anchor in DAMCD_DIR,
# joined; the identity is in NODE.id there
damcd_enrol()
{
	local dir=$DAMCD_DIR/$1.id node=$1 roles=$2
	shift 2

	damc-spa key new "$dir" >/dev/null &&
		damc-spa enrol "$node" role "$roles" request "$dir/request" \
			anchor "$DAMCD_DIR/anchor" out "$DAMCD_DIR/$node.out" "$@" >/dev/null &&
		damc-spa join "$dir" "$DAMCD_DIR/$node.out" >/dev/null
}

# damcd_line_wire: pod1 - sg1 - sr1 - sg2 - pod2, in variables of these names
damcd_line_wire()
{
	setup_ns sg1 sr1 sg2 pod1 pod2
	veth_pair "$sg1" sr1 "$sr1" sg1 && veth_pair "$sg2" sr1 "$sr1" sg2 || return 1
	veth_pair "$sg1" pod "$pod1" sg && veth_pair "$sg2" pod "$pod2" sg || return 1
	damcd_pod 1 "$sg1" "$pod1" && damcd_pod 2 "$sg2" "$pod2"
}

# damcd_pod N SG POD: addresses for HTTP, the pod's own name and its way out
damcd_pod()
{
	ip -n "$2" addr add "10.0.$1.1/24" dev pod
	ip -n "$3" addr add "10.0.$1.2/24" dev sg
	printf '%s\n' "info set name /pod/sg$1/1" "dev set sg uplink" "route add / dev sg" |
		damc -n "$3" -b -
}

# damcd_start NODE: start it in the namespace that the variable of its name holds, wait until ready
damcd_start()
{
	local ns=${!1}

	: >"$DAMCD_DIR/$1.log"
	ip netns exec "$ns" damcd --config "$DAMCD_DIR/$1.conf" 2>>"$DAMCD_DIR/$1.log" &
	DAMCD_PID[$1]=$!
	busywait 10000 grep -q 'event=ready' "$DAMCD_DIR/$1.log" || {
		cat "$DAMCD_DIR/$1.log"
		return 1
	}
}

# damcd_kill NODE [SIGNAL]: end it, and wait until it has
damcd_kill()
{
	kill "-${2-TERM}" "${DAMCD_PID[$1]}" 2>/dev/null
	wait "${DAMCD_PID[$1]}" 2>/dev/null
	unset "DAMCD_PID[$1]"
	cat "$DAMCD_DIR/$1.log" >>"$DAMCD_DIR/$1.log.old"
}

damcd_kill_all()
{
	local node

	[ -z "$DAMCD_CALLS" ] || kill -KILL "$DAMCD_CALLS" 2>/dev/null
	for node in "${!DAMCD_PID[@]}"; do
		kill -KILL "${DAMCD_PID[$node]}" 2>/dev/null
		wait "${DAMCD_PID[$node]}" 2>/dev/null
	done
	DAMCD_PID=()
}

# damcd_http NS METHOD ADDRESS PORT PATH [BODY]: an HTTP request from there, answer on stdout
damcd_http()
{
	local ns=$1 method=$2 address=$3 port=$4 path=$5 body=${6-}

	ip netns exec "$ns" bash -c '
		exec 3<>"/dev/tcp/$2/$3" || exit 1
		printf "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %s\r\n\r\n%s" \
			"$1" "$4" "${#5}" "$5" >&3
		cat <&3
	' bash "$method" "$address" "$port" "$path" "$body"
}

# damcd_tell NODE...: what one wants to see of a run that failed
damcd_tell()
{
	local node

	for node; do
		echo "# $node"
		tail -n 20 "$DAMCD_DIR/$node.log"
		damc -n "${!node}" route show
		damc -n "${!node}" bind show
	done
}

# ---- calls all the while ----

# damcd_calls_begin NS NAME RATE [FROM]: calls from there until damcd_calls_end; see steady.c
damcd_calls_begin()
{
	: >"$DAMCD_DIR/calls"
	ip netns exec "$1" ./steady "${@:2}" >"$DAMCD_DIR/calls" 2>"$DAMCD_DIR/calls.failed" &
	DAMCD_CALLS=$!
}

calls_told()
{
	[ "$(wc -l <"$DAMCD_DIR/calls")" -gt "$1" ]
}

# damcd_calls_word WORD: of the last line, a number
damcd_calls_word()
{
	sed -n "\$ s/.*$1 \([0-9]*\).*/\1/p" "$DAMCD_DIR/calls"
}

# damcd_calls: what became of the calls that ended since the last time: $answered, $failed,
# $repeated (transmissions beyond the first), $slowest ms
damcd_calls()
{
	local lines

	lines=$(wc -l <"$DAMCD_DIR/calls")
	kill -USR1 "$DAMCD_CALLS" 2>/dev/null && busywait 10000 calls_told "$lines"
	damcd_calls_read
}

damcd_calls_read()
{
	answered=$(damcd_calls_word answered) failed=$(damcd_calls_word failed)
	slowest=$(damcd_calls_word slowest-ms)
	repeated=$(($(damcd_calls_word transmissions) - answered - failed))
}

# damcd_calls_end: the same of all calls since it began
damcd_calls_end()
{
	kill -TERM "$DAMCD_CALLS" 2>/dev/null
	wait "$DAMCD_CALLS"
	DAMCD_CALLS=
	damcd_calls_read
}
