// SPDX-License-Identifier: GPL-2.0
/* Socket options of level SOL_DAMC. */
#include "sock.h"

static int damc_opt_set(struct damc_sock *ds, int name, int value)
{
	switch (name) {
	case DAMC_HOP_LIMIT:
		if (value < 1 || value > U8_MAX)
			return -EINVAL;
		ds->hop_limit = value;
		return 0;
	case DAMC_RECORD:
		if (value < 0 || value > DAMC_RECORD_MAX ||
		    (value && value < sizeof(struct damc_record)))
			return -EINVAL;
		ds->record = value;
		return 0;
	case DAMC_RECVHOPLIMIT:
		if (value < 0 || value > 1)
			return -EINVAL;
		WRITE_ONCE(ds->recv_hop_limit, value);
		return 0;
	case DAMC_RECVERR:
		if (value < 0 || value > 1)
			return -EINVAL;
		WRITE_ONCE(ds->recv_err, value);
		return 0;
	case DAMC_RECVPKTINFO:
		if (value < 0 || value > 1)
			return -EINVAL;
		WRITE_ONCE(ds->recv_pktinfo, value);
		return 0;
	case DAMC_MEMBER:
		if (ds->bind || value < 0 || value > DAMC_WEIGHT_MAX)
			return -EINVAL;
		ds->member = value;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int damc_opt_get(const struct damc_sock *ds, int name)
{
	switch (name) {
	case DAMC_HOP_LIMIT:
		return ds->hop_limit;
	case DAMC_RECORD:
		return ds->record;
	case DAMC_RECVHOPLIMIT:
		return ds->recv_hop_limit;
	case DAMC_RECVERR:
		return ds->recv_err;
	case DAMC_RECVPKTINFO:
		return ds->recv_pktinfo;
	case DAMC_MEMBER:
		return ds->member;
	default:
		return -ENOPROTOOPT;
	}
}

int damc_setsockopt(struct socket *sock, int level, int name, sockptr_t value,
		    unsigned int len)
{
	struct sock *sk = sock->sk;
	int number, err;

	if (level != SOL_DAMC)
		return -ENOPROTOOPT;
	if (len != sizeof(number))
		return -EINVAL;
	if (copy_from_sockptr(&number, value, sizeof(number)))
		return -EFAULT;
	lock_sock(sk);
	err = damc_opt_set(damc_sk(sk), name, number);
	release_sock(sk);
	return err;
}

int damc_getsockopt(struct socket *sock, int level, int name,
		    char __user *value, int __user *len)
{
	int room, number;

	if (level != SOL_DAMC)
		return -ENOPROTOOPT;
	if (get_user(room, len))
		return -EFAULT;
	if (room < (int)sizeof(number))
		return -EINVAL;
	lock_sock(sock->sk);
	number = damc_opt_get(damc_sk(sock->sk), name);
	release_sock(sock->sk);
	if (number < 0)
		return number;
	if (put_user((int)sizeof(number), len) ||
	    copy_to_user(value, &number, sizeof(number)))
		return -EFAULT;
	return 0;
}
