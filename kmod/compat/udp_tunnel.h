/* SPDX-License-Identifier: GPL-2.0 */
/*
 * udp_tunnel_xmit_skb() and udp_tunnel6_xmit_skb(): later kernels want the flags
 * for the control block, of which there are none here. Kbuild looks for the
 * argument's name in <net/udp_tunnel.h>.
 */
#ifndef _DAMC_COMPAT_UDP_TUNNEL_H
#define _DAMC_COMPAT_UDP_TUNNEL_H

#include <net/udp_tunnel.h>

#ifdef DAMC_HAVE_IPCB_FLAGS
#define damc_udp_tunnel_xmit(...) udp_tunnel_xmit_skb(__VA_ARGS__, 0)
#define damc_udp_tunnel6_xmit(...) udp_tunnel6_xmit_skb(__VA_ARGS__, 0)
#else
#define damc_udp_tunnel_xmit udp_tunnel_xmit_skb
#define damc_udp_tunnel6_xmit udp_tunnel6_xmit_skb
#endif

#endif /* _DAMC_COMPAT_UDP_TUNNEL_H */
