// SPDX-License-Identifier: GPL-2.0
/* Names as socket addresses. */
#include "sock.h"

/**
 * damc_sockaddr_check() - whether an address from user space is one
 * @sa: the address, in kernel memory, @len bytes of it valid
 * @len: as given
 * @send: it is a destination, which may have an interface
 *
 * Return: 0; -EINVAL if too short, not well formed, or what must be 0 is not;
 * -EAFNOSUPPORT for another family.
 */
int damc_sockaddr_check(const struct sockaddr_damc *sa, int len, bool send)
{
	if (len < DAMC_SOCKADDR_MIN)
		return -EINVAL;
	if (sa->sdamc_family != damc_family)
		return -EAFNOSUPPORT;
	if (sa->sdamc_nlen > len - DAMC_SOCKADDR_MIN)
		return -EINVAL;
	if (sa->sdamc_flags || sa->sdamc_reserved ||
	    (sa->sdamc_ifindex && !send))
		return -EINVAL;
	return min(damc_name_depth(sa->sdamc_name, sa->sdamc_nlen), 0);
}

/**
 * damc_sockaddr_fill() - write an address for user space
 * @sa: gets it; what is beyond damc_sockaddr_len() stays as it is
 * @name: the name
 * @flow: flow label, 0 for none
 */
void damc_sockaddr_fill(struct sockaddr_damc *sa, const struct damc_name *name,
			u32 flow)
{
	memset(sa, 0, DAMC_SOCKADDR_MIN);
	sa->sdamc_family = damc_family;
	sa->sdamc_nlen = name->len;
	sa->sdamc_flow = flow;
	memcpy(sa->sdamc_name, name->wire, name->len);
}

int damc_sockaddr_len(const struct damc_name *name)
{
	return DAMC_SOCKADDR_MIN + name->len;
}
