// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sockets: the family's number, a socket of it, addresses.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "damc.h"
#include "internal.h"

/* What the module said last; a module loaded anew may say otherwise. */
static atomic_int known_family;

static int ask_family(void)
{
	struct damc_info info;
	struct damc_ctl *ctl;
	int err;

	ctl = damc_ctl_open();
	if (!ctl)
		return -errno;
	err = damc_info_get(ctl, &info);
	damc_ctl_close(ctl);
	if (err)
		return err;
	if (!info.family || info.family > UINT16_MAX)
		return -EBADMSG;
	atomic_store(&known_family, info.family);
	return info.family;
}

DAMC_PUBLIC
int damc_family(void)
{
	return ask_family();
}

static int open_socket(int family, enum damc_proto proto)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, proto);

	return fd < 0 ? -errno : fd;
}

DAMC_PUBLIC
int damc_socket(enum damc_proto proto)
{
	int family = atomic_load(&known_family);
	int fd;

	if (family) {
		fd = open_socket(family, proto);
		if (fd != -EAFNOSUPPORT)
			return fd;
	}
	family = ask_family();
	return family < 0 ? family : open_socket(family, proto);
}

DAMC_PUBLIC
socklen_t damc_sockaddr(struct sockaddr_damc *sa, const struct damc_name *name)
{
	memset(sa, 0, sizeof(*sa));
	sa->sdamc_family = atomic_load(&known_family);
	if (!sa->sdamc_family)
		sa->sdamc_family = AF_DAMC_DEFAULT;
	sa->sdamc_nlen = name->len;
	memcpy(sa->sdamc_name, name->wire, name->len);
	return DAMC_SOCKADDR_MIN + name->len;
}

DAMC_PUBLIC
int damc_sockaddr_name(struct damc_name *name, const struct sockaddr_damc *sa,
		       socklen_t len)
{
	if (len < DAMC_SOCKADDR_MIN ||
	    len - DAMC_SOCKADDR_MIN < sa->sdamc_nlen)
		return -EINVAL;
	return damc_name_from_wire(name, sa->sdamc_name, sa->sdamc_nlen);
}

DAMC_PUBLIC
int damc_pktinfo(struct damc_pktinfo *info, const struct msghdr *msg)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);

	for (; cmsg; cmsg = CMSG_NXTHDR((struct msghdr *)msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_DAMC ||
		    cmsg->cmsg_type != DAMC_PKTINFO ||
		    cmsg->cmsg_len < CMSG_LEN(sizeof(*info)))
			continue;
		memcpy(info, CMSG_DATA(cmsg), sizeof(*info));
		return 0;
	}
	return -ENOENT;
}
