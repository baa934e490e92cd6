# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The triangle with BIRD. Sourced; see outage.

bird_settings()
{
	echo "bird: $(bird_conf X | paste -sd' ' | tr -s ' \t')"
}

bird_conf()
{
	cat <<-END
		router id 10.255.0.${NUMBER[$1]-X};
		log "${dir-DIR}/$1.log" all;
		timeformat log iso long us;
		protocol device { scan time 1; }
		protocol kernel { ipv4 { import none; export all; }; merge paths on; }
		protocol bfd { debug { states, events }; interface "*" { min rx interval ${interval} ms; min tx interval ${interval} ms; idle tx interval ${interval} ms; multiplier 3; }; }
		protocol ospf v2 { tick 1; ipv4 { import all; export none; }; area 0 {
			interface "a", "b", "c" { type ptp; cost 10; hello 1; dead count 4; bfd on; };
			interface "lo" { stub; }; }; }
	END
}

bird_start()
{
	local n

	for n in $NODES; do
		bird_conf "$n" >"$dir/$n.conf"
		ip netns exec "$n" "$PEERS/bin/bird" -f -c "$dir/$n.conf" -s "$dir/$n.ctl" -P "$dir/$n.pid" \
			>"$dir/$n.out" 2>&1 &
		pids+=($!)
	done
}

bird_bfd_up()
{
	[ "$("$PEERS/bin/birdc" -s "$dir/$1.ctl" show bfd sessions 2>/dev/null | grep -c ' Up ')" -eq 2 ]
}

bird_ready()
{
	direct_all && bird_bfd_up a && bird_bfd_up b && bird_bfd_up c
}

bird_probe()
{
	echo "udp 10.255.0.1,10.255.0.3"
}

bird_detected()
{
	sed -n 's/^\([-0-9]* [0-9:.]*\) .*Session to 10\.0\.13\.[13] changed state from Up to Down.*/\1/p' \
		"$dir/a.log" "$dir/c.log"
}
