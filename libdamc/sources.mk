# SPDX-License-Identifier: GPL-2.0
# Read by libdamc/Makefile, and by the tests, which build the same files with
# sanitizers.
LIBDAMC_SOURCES := name.c sock.c \
	ctl.c ctl_attr.c ctl_info.c ctl_dev.c ctl_neigh.c ctl_nexthop.c ctl_set.c ctl_route.c \
	ctl_bind.c ctl_pool.c ctl_batch.c ctl_monitor.c ctl_policy.c \
	rmi_msg.c rmi_gather.c rmi_path.c rmi_rtt.c rmi_window.c rmi_env.c rmi_sock.c \
	rmi_client_core.c rmi_client_output.c rmi_client_input.c rmi_call.c rmi_peer.c rmi_client.c \
	rmi_server_core.c rmi_server_answer.c rmi_memory.c rmi_server.c rmi_server_attend.c
