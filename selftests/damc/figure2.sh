# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The draft's Figure 2 as network namespaces joined by veth, routes put in by hand. Sourced after
# lib.sh by the tests and the demo.
#
#	 pod1 /a/1 /b/1            pod2 /c/2
#	   |                         |
#	  sg1 ------ sr1 ------ sr2 ------ sg2
#	            /   \      /   \
#	          sg3     sr3       sg4
#	         / |     /   \     /  |
#	      pod3  +---+     +---+   pod4 /a/4 /b/4
#	     /d/3
#
# sg3 and sg4 have a second way, by sr3. Requests from pod1 to pod4 go by sr1 and sr2; what comes
# back goes by sr3, so that the two ways a packet recorded cannot be mistaken for each other.

FIG2_NODES=(sg1 sg2 sg3 sg4 sr1 sr2 sr3)
FIG2_PODS=(pod1 pod2 pod3 pod4)
FIG2_LINKS="sg1-sr1 sg2-sr2 sg3-sr1 sg3-sr3 sg4-sr2 sg4-sr3 sr1-sr2 sr1-sr3 sr2-sr3"

# fig2_ns NODE: its network namespace
fig2_ns()
{
	echo "${!1}"
}

# fig2_in NODE COMMAND...: run a command there
fig2_in()
{
	local ns=${!1}
	shift
	ip netns exec "$ns" "$@"
}

# fig2_names N: the service names of pod N
fig2_names()
{
	case $1 in
	1)	echo /a/1 /b/1 ;;
	2)	echo /c/2 ;;
	3)	echo /d/3 ;;
	4)	echo /a/4 /b/4 ;;
	esac
}

fig2_links()
{
	local link a b n

	for link in $FIG2_LINKS; do
		a=${link%-*} b=${link#*-}
		veth_pair "${!a}" "$b" "${!b}" "$a" || return 1
	done
	for n in 1 2 3 4; do
		a=sg$n b=pod$n
		veth_pair "${!a}" pod "${!b}" sg || return 1
	done
}

# The commands that make a pod: a name, and everything by its gateway.
fig2_pod()
{
	printf '%s\n' "info set name /pod/sg$1/1" "dev set sg up" "route add / dev sg"
}

# The commands that make a node's name and links.
fig2_node()
{
	local link

	echo "info set name /damc/node/$1"
	for link in $FIG2_LINKS; do
		case $link in
		"$1"-*)	echo "dev set ${link#*-} up" ;;
		*-"$1")	echo "dev set ${link%-*} up" ;;
		esac
	done
}

# A gateway owns its pod's names, on the interface that faces it.
fig2_edge()
{
	local name

	echo "dev set pod edge"
	for name in $(fig2_names "$1") "/pod/sg$1/1"; do
		echo "bind add $name dev pod"
	done
}

# fig2_via NODE DEV N...: routes to the pods and nodes of gateways N by a neighbour
fig2_via()
{
	local n name dev=$1
	shift
	for n; do
		for name in $(fig2_names "$n") "/pod/sg$n" "/damc/node/sg$n"; do
			echo "route add $name dev $dev"
		done
	done
}

fig2_routes()
{
	case $1 in
	sg1)	fig2_via sr1 2 3 4 ;;
	sg2)	fig2_via sr2 1 3 4 ;;
	sg3)	fig2_via sr1 1 2; fig2_via sr3 4 ;;
	sg4)	fig2_via sr2 2; fig2_via sr3 1 3 ;;
	sr1)	fig2_via sg1 1; fig2_via sg3 3; fig2_via sr2 2 4 ;;
	sr2)	fig2_via sg2 2; fig2_via sg4 4; fig2_via sr1 1 3 ;;
	sr3)	fig2_via sg3 3; fig2_via sg4 4; fig2_via sr1 1; fig2_via sr2 2 ;;
	esac
}

# fig2_setup: make it all; false, with the command's own words, if a step failed
fig2_setup()
{
	local node n

	setup_ns "${FIG2_NODES[@]}" "${FIG2_PODS[@]}"
	fig2_links || return 1
	for n in 1 2 3 4; do
		node=pod$n
		fig2_pod $n | damc -n "${!node}" -b - || return 1
	done
	for node in "${FIG2_NODES[@]}"; do
		{
			fig2_node "$node"
			case $node in sg*) fig2_edge "${node#sg}" ;; esac
			fig2_routes "$node"
		} | damc -n "${!node}" -b - || return 1
	done
}

# fig2_serve POD NAME [ARG...]: start a server there, return when it answers
fig2_serve()
{
	local ns=${!1} name=$2 log
	shift
	log=$(mktemp)
	ip netns exec "$ns" damc serve "$@" >"$log" 2>&1 &
	if ! busywait 2000 grep -q "^serving $name" "$log"; then
		cat "$log"
		return 1
	fi
	rm -f "$log"
}
