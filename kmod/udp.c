// SPDX-License-Identifier: GPL-2.0
/* DAMC in UDP: opening the port, and closing it. */
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <net/udp_tunnel.h>

#include "netns.h"
#include "notify.h"
#include "route.h"
#include "udp.h"

/* Any but 0 makes the socket one of a tunnel; the value says nothing more. */
#define DAMC_UDP_ENCAP_TYPE 1

static int damc_udp_sock(struct damc_udp *udp, enum damc_udp_family which)
{
	struct udp_port_cfg port = {
		.family = which == DAMC_UDP_V4 ? AF_INET : AF_INET6,
		.local_udp_port = udp->port,
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = udp,
		.encap_type = DAMC_UDP_ENCAP_TYPE,
		.encap_rcv = damc_udp_rcv,
		.encap_err_lookup = damc_udp_err_lookup,
	};
	struct net *net = udp->dev.dn->net;
	int err;

	err = udp_sock_create(net, &port, &udp->sock[which]);
	if (err) {
		udp->sock[which] = NULL;
		return err;
	}
	setup_udp_tunnel_sock(net, udp->sock[which], &tunnel);
	return 0;
}

static void damc_udp_release(struct damc_udp *udp)
{
	int i;

	/* Each waits until no packet is on its way in. */
	for (i = 0; i < DAMC_UDP_FAMILIES; i++)
		if (udp->sock[i])
			udp_tunnel_sock_release(udp->sock[i]);
	kfree(udp);
}

static int damc_udp_start(struct damc_udp *udp)
{
	int err;

	err = damc_udp_sock(udp, DAMC_UDP_V4);
	if (!err && ipv6_mod_enabled())
		err = damc_udp_sock(udp, DAMC_UDP_V6);
	return err ?: damc_udp_guard(udp);
}

static struct damc_udp *damc_udp_open(struct damc_net *dn, u16 port,
				      struct netlink_ext_ack *extack)
{
	struct damc_udp *udp;
	int err;

	err = damc_net_begin(dn);
	if (err)
		return ERR_PTR(err);
	udp = kzalloc(sizeof(*udp), GFP_KERNEL_ACCOUNT);
	if (!udp)
		return ERR_PTR(-ENOMEM);
	udp->dev.encap = &damc_udp_ops;
	udp->dev.dn = dn;
	udp->dev.mode = DAMC_DEV_MODE_UP;
	INIT_LIST_HEAD(&udp->dev.neighs);
	INIT_LIST_HEAD(&udp->dev.binds);
	udp->port = htons(port);
	get_random_bytes(&udp->seed, sizeof(udp->seed));
	err = damc_udp_start(udp);
	if (!err)
		return udp;
	if (err == -EADDRINUSE)
		NL_SET_ERR_MSG(extack, "The UDP port is in use");
	else
		NL_SET_ERR_MSG(extack, "The UDP port cannot be opened");
	damc_udp_release(udp);
	return ERR_PTR(err);
}

/**
 * damc_udp_close() - close the port, if it is open
 * @dn: the namespace
 *
 * Its neighbours go, and the next hops that lead to them.
 *
 * Context: under the namespace's lock, may sleep.
 */
void damc_udp_close(struct damc_net *dn)
{
	struct damc_udp *udp = dn->udp;

	lockdep_assert_held(&dn->lock);
	if (!udp)
		return;
	damc_route_flush_dev(&udp->dev);
	damc_dev_drop_neighs(&udp->dev);
	dn->udp = NULL;
	damc_udp_unguard(udp);
	/* Until no packet is on its way out by a socket. */
	synchronize_net();
	damc_udp_release(udp);
	/* Neighbours give back cached routes, which must not outlive the net. */
	rcu_barrier();
}

/**
 * damc_udp_set_port() - open a port, in place of the one that may be open
 * @dn: the namespace
 * @port: in host order; 0 closes it
 * @extack: says what is wrong
 *
 * Context: under the namespace's lock, may sleep.
 * Return: 0; -EBUSY if the one that is open has neighbours; -EADDRINUSE;
 * -ENOMEM. On error nothing has changed.
 */
int damc_udp_set_port(struct damc_net *dn, u16 port,
		      struct netlink_ext_ack *extack)
{
	struct damc_udp *udp = NULL, *old = dn->udp;

	lockdep_assert_held(&dn->lock);
	if (old ? old->port == htons(port) : !port)
		return 0;
	if (old && port && !list_empty(&old->dev.neighs)) {
		NL_SET_ERR_MSG(extack,
			       "The UDP port has neighbours or routes; set it off first");
		return -EBUSY;
	}
	if (port)
		udp = damc_udp_open(dn, port, extack);
	if (IS_ERR(udp))
		return PTR_ERR(udp);
	damc_udp_close(dn);
	dn->udp = udp;
	damc_notify_info(dn);
	return 0;
}
