# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The triangle with damcd. Sourced; see outage.

damc_settings()
{
	echo "damcd: fabric on both links, cost 10 (as comes), timers {hello: 1s, liveness: ${interval}ms, misses: 3}, insecure-lab"
}

damc_start()
{
	local n other fabric

	for n in $NODES; do
		fabric=
		for other in $NODES; do
			[ "$other" = "$n" ] || fabric+="${fabric:+, }{interface: $other}"
		done
		printf '%s\n' "role: sr" "insecure-lab: {node: $n}" "state: $dir/$n.state" \
			"fabric: [$fabric]" "timers: {hello: 1s, liveness: ${interval}ms, misses: 3}" \
			>"$dir/$n.conf"
		ip netns exec "$n" damcd --config "$dir/$n.conf" 2>"$dir/$n.log" &
		pids+=($!)
	done
}

# damc_watched NODE: its kernel watches both others, and is watched
damc_watched()
{
	[ "$(damc -n "$1" neigh show | grep -c 'liveness .* up.*forwards')" -eq 2 ]
}

# What takes longest comes first, so that little is asked in vain.
damc_ready()
{
	damc -n a rib show 2>/dev/null | grep -q '^/damc/node/c via c dev c backup b dev b' &&
		damc -n b rib show | grep -q '^/damc/node/c via c dev c ' &&
		damc_watched a && damc_watched b && damc_watched c
}

damc_probe()
{
	echo "damc /damc/node/c/probe"
}

# damc_lost NODE OTHER: when the daemon of one knew that the other was lost
damc_lost()
{
	local link

	link=$(sed -n "s/.*event=neighbour-up id=$2 link=\([0-9]*\) .*/\1/p" "$dir/$1.log" | tail -n 1)
	sed -n "s/^time=\([^ ]*\) .*event=neighbour-lost link=$link\$/\1/p" "$dir/$1.log"
}

damc_detected()
{
	damc_lost a c
	damc_lost c a
}
