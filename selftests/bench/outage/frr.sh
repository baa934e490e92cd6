# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The triangle with FRR: zebra, bfdd and ospfd or isisd. Sourced; see outage.

frr_settings()
{
	cat <<-END
		bfdd: detect-multiplier 3, receive-interval ${interval}, transmit-interval ${interval}
		zebra: as it comes
	END
}

ospf_settings()
{
	frr_settings
	echo "ospfd: $(frr_ospfd X | paste -sd, | sed 's/,\( *\)/; /g')"
}

isis_settings()
{
	frr_settings
	echo "isisd: $(frr_isisd X | paste -sd, | sed 's/,\( *\)/; /g')"
}

# others NODE
others()
{
	local n

	for n in $NODES; do
		[ "$n" = "$1" ] || echo "$n"
	done
}

frr_bfdd()
{
	printf '%s\n' "debug bfd peer" "bfd" " profile fast" "  detect-multiplier 3" "  receive-interval $interval" \
		"  transmit-interval $interval"
}

# Metrics are the bandwidth's unless told: 10 on each link, as with the others.
frr_ospfd()
{
	local dev

	for dev in $(others "$1"); do
		printf '%s\n' "interface $dev" " ip ospf area 0" " ip ospf network point-to-point" \
			" ip ospf hello-interval 1" " ip ospf dead-interval 4" " ip ospf cost 10" \
			" ip ospf bfd" " ip ospf bfd profile fast"
	done
	printf '%s\n' "interface lo" " ip ospf area 0" "router ospf" \
		" ospf router-id 10.255.0.${NUMBER[$1]-X}" " timers throttle spf 0 0 0" \
		" timers throttle lsa all 0" " timers lsa min-arrival 0"
}

frr_isisd()
{
	local dev

	for dev in $(others "$1"); do
		printf '%s\n' "interface $dev" " ip router isis 1" " isis network point-to-point" \
			" isis circuit-type level-2-only" " isis hello-interval 1" " isis metric 10" \
			" isis bfd" " isis bfd profile fast" " isis fast-reroute lfa"
	done
	printf '%s\n' "interface lo" " ip router isis 1" " isis passive" "router isis 1" \
		" net 49.0001.0000.0000.000${NUMBER[$1]-X}.00" " is-type level-2-only" \
		" lsp-gen-interval 1" \
		" spf-delay-ietf init-delay 0 short-delay 0 long-delay 0 holddown 0 time-to-learn 0"
}

frr_daemon()
{
	local node=$1 program=$2

	{
		printf '%s\n' "log file $dir/$node.$program.log debugging" "log timestamp precision 6"
		[ "$program" = zebra ] || "frr_$program" "$node"
	} >"$dir/$node.$program.conf"
	ip netns exec "$node" "$PEERS/bin/$program" -N "$node" -f "$dir/$node.$program.conf" -u root -g root \
		-i "$dir/$node.$program.pid" >"$dir/$node.$program.out" 2>&1 &
	pids+=($!)
}

frr_start()
{
	local n program

	for n in $NODES; do
		mkdir -p "/var/run/frr/$n"
	done
	for program in zebra bfdd "$1"; do
		for n in $NODES; do
			frr_daemon "$n" "$program"
		done
		within 10 test -S "/var/run/frr/c/$program.vty" || cat "$dir/c.$program.out"
	done
}

# By what bfdd said of its sessions
frr_bfd_up()
{
	awk '
		match($0, /peer:[0-9.]+/) { peer = substr($0, RSTART, RLENGTH) }
		/ -> up/ { up[peer] = 1 }
		/ up -> |session-delete/ { delete up[peer] }
		END { for (peer in up) n++; exit n != 2 }' "$dir/$1.bfdd.log"
}

frr_ready()
{
	direct_all && frr_bfd_up a && frr_bfd_up b && frr_bfd_up c
}

frr_probe()
{
	echo "udp 10.255.0.1,10.255.0.3"
}

frr_detected()
{
	sed -n 's/^\([0-9/]* [0-9:.]*\) .*state-change.*peer:10\.0\.13\.[13] .*up -> down.*/\1/p' \
		"$dir/a.bfdd.log" "$dir/c.bfdd.log" | tr / -
}

ospf_start() { frr_start ospfd; }
ospf_ready() { frr_ready; }
ospf_probe() { frr_probe; }
ospf_detected() { frr_detected; }
isis_start() { frr_start isisd; }
isis_ready() { frr_ready; }
isis_probe() { frr_probe; }
isis_detected() { frr_detected; }
