/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rmi_sock.h over AF_UNIX datagrams, so that the shells run without the
 * module. A name is a file under fake_dir; a name nobody has refuses.
 */
#ifndef FAKE_SOCK_H
#define FAKE_SOCK_H

extern char fake_dir[64];

/* Lose this many in 100 packets; packets above this many bytes are too big. */
extern unsigned int fake_loss;
extern unsigned int fake_mtu;

#endif /* FAKE_SOCK_H */
