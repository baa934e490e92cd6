/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * DAMC sockets and packets, as user space meets them.
 * Documentation/protocol.rst is the normative text.
 */
#ifndef _UAPI_LINUX_DAMC_H
#define _UAPI_LINUX_DAMC_H

#include <linux/types.h>
#include <linux/socket.h>
#include <linux/damc_netlink.h>

/* The family that the module takes unless told otherwise; ask DAMC_CMD_INFO_GET. */
#define AF_DAMC_DEFAULT 18

/* IEEE Std 802: local experimental EtherType 1. */
#define DAMC_ETHERTYPE_DEFAULT 0x88b5

/**
 * struct sockaddr_damc - a service name as a socket address
 * @sdamc_family: the family that DAMC_CMD_INFO_GET tells
 * @sdamc_nlen: bytes of @sdamc_name in use; 0 is the root, on bind() no name
 * @sdamc_flags: must be 0
 * @sdamc_ifindex: interface a /localhop name is meant on, where a message is
 *	sent; else must be 0
 * @sdamc_flow: flow label to send with, 0 for the socket's own; on receipt the
 *	packet's; must be 0 on bind()
 * @sdamc_reserved: must be 0
 * @sdamc_name: wire form: components, each a length byte and that many bytes
 *
 * An address is at least DAMC_SOCKADDR_MIN + sdamc_nlen bytes long.
 */
struct sockaddr_damc {
	__kernel_sa_family_t sdamc_family;
	__u8 sdamc_nlen;
	__u8 sdamc_flags;
	__u32 sdamc_ifindex;
	__u32 sdamc_flow;
	__u32 sdamc_reserved;
	__u8 sdamc_name[DAMC_NAME_MAX];
};

#define DAMC_SOCKADDR_MIN 16

/* Next protocol; third argument of socket(), where 0 is DAMC_PROTO_MESSAGE. */
enum damc_proto {
	DAMC_PROTO_MESSAGE = 1,
	DAMC_PROTO_CONTROL = 2,
	DAMC_PROTO_ERROR = 3,
	DAMC_PROTO_IPV4 = 4,
	DAMC_PROTO_ECHO = 5,
	DAMC_PROTO_IPV6 = 41,
	DAMC_PROTO_FRAGMENT = 44,
};

/* Level of socket options and control messages. */
#define SOL_DAMC 300

enum damc_sockopt {
	/* int 1..255: hop limit of what is sent; also a control message */
	DAMC_HOP_LIMIT = 1,
	/*
	 * int 0..DAMC_RECORD_MAX: room for a record of the nodes that a packet
	 * passes, 0 for none; also a control message of sendmsg(). What came
	 * with a packet is a DAMC_RECORD control message of recvmsg(): the
	 * value of the TLV, struct damc_record and what follows it.
	 */
	DAMC_RECORD = 2,
	/*
	 * int 0 or 1: recvmsg() gives the hop limit that a packet arrived with
	 * as a DAMC_HOP_LIMIT control message, an int
	 */
	DAMC_RECVHOPLIMIT = 3,
	/*
	 * int 0 or 1: errors go to the error queue, connected or not, and
	 * fail no other call: MSG_ERRQUEUE gives the start of the refused
	 * payload, its destination as the address, and a DAMC_RECVERR control
	 * message, struct damc_sock_err. Without it a connected socket's next
	 * call fails, and an unconnected one hears nothing.
	 */
	DAMC_RECVERR = 4,
	/*
	 * int 0 or 1: recvmsg() tells how a packet came as a DAMC_PKTINFO
	 * control message, struct damc_pktinfo
	 */
	DAMC_RECVPKTINFO = 5,
	/*
	 * Only as a control message. With sendmsg() all but the interface, or
	 * all but the neighbour, must be 0, and the destination at or below
	 * /localhop: the message goes to all on that link, or to that
	 * neighbour alone. (A destination's sdamc_ifindex and SO_BINDTODEVICE
	 * say a link, too; this comes before those. A socket bound to a device
	 * hears that device only.)
	 */
	DAMC_PKTINFO = 6,
	/*
	 * int 0..DAMC_WEIGHT_MAX, before bind(): the name is bound as an
	 * instance, of this weight, of the pool that is called as it is without
	 * its last component; 0 for none
	 */
	DAMC_MEMBER = 8,
};

/**
 * struct damc_pktinfo - the link that a packet came by, or is to leave by
 * @ifindex: the interface; 0 if it was sent here
 * @hop_limit: as it arrived
 * @lladdr_len: bytes of @lladdr; 0 if the link has no addresses
 * @reserved: 0
 * @time_ns: when the kernel took it in, in ns of the wall clock
 * @lladdr: link address of who sent the frame
 * @neigh: id of the neighbour whose datagram it came in; 0 if it was a frame
 * @reserved2: 0
 */
struct damc_pktinfo {
	__u32 ifindex;
	__u8 hop_limit;
	__u8 lladdr_len;
	__u16 reserved;
	__aligned_u64 time_ns;
	__u8 lladdr[DAMC_LLADDR_MAX];
	__u32 neigh;
	__u32 reserved2;
};

/* Room for a record: the TLV's value is at most this, its first bytes included. */
#define DAMC_RECORD_MAX 255

/**
 * struct damc_sock_err - why a packet was refused, and by whom
 * @errno_code: what the socket's next call would have failed with
 * @code: enum damc_error_code
 * @info: for too-big, the bytes that the link carries; else 0
 * @offender: name of the node that refused it
 */
struct damc_sock_err {
	__u32 errno_code;
	__u32 code;
	__u32 info;
	__u32 reserved;
	struct sockaddr_damc offender;
};

/*
 * The packet, version 1: struct damc_hdr, destination name, source name, TLVs,
 * pad bytes to a multiple of 4, payload. All fields big-endian.
 */
#define DAMC_VERSION 1

struct damc_hdr {
	/* version in the upper four bits, the lower four 0 */
	__u8 version;
	__u8 flags;
	__u8 hop_limit;
	/* DSCP and ECN, as in an IPv6 traffic class */
	__u8 traffic_class;
	/* from here to the payload's first byte, in units of 4 bytes */
	__u8 header_len;
	__u8 next_proto;
	/* 0 where the next protocol tells its own length */
	__be16 payload_len;
	__be32 flow;
	/* 0: forward by name */
	__be32 path;
	__u8 dst_len;
	__u8 src_len;
	__be16 reserved;
};

enum damc_hdr_flag {
	/* Its flow may be new: may make a pin at its sender's gateway. */
	DAMC_F_FIRST = 0x01,
	/* A TLV with DAMC_TLV_HOP is present: each node looks at the TLVs. */
	DAMC_F_HOP_TLV = 0x02,
};

/* A TLV is a type byte, a length byte and that many bytes; PAD is one byte. */
enum damc_tlv_type {
	DAMC_TLV_PAD = 0,
	/* The pool that the destination was picked from: its name. */
	DAMC_TLV_POOL = 1,
	/* Nodes passed, written by each as it forwards: struct damc_record. */
	DAMC_TLV_RECORD = 0x81,
};

/* Bit of a TLV's type: each node looks at it, not only the ends. */
#define DAMC_TLV_HOP 0x80

/**
 * struct damc_record - start of a RECORD TLV's value
 * @used: bytes of @entries in use
 * @missed: nodes that found no room, 255 for that many or more
 * @entries: each a length byte and the node's name in wire form
 */
struct damc_record {
	__u8 used;
	__u8 missed;
	__u8 entries[];
};

/* Payload of next protocol ERROR: this, then the start of the refused packet. */
struct damc_error_hdr {
	__u8 code;
	__u8 reserved[3];
	__be32 info;
};

/**
 * struct damc_fragment_hdr - start of next protocol FRAGMENT's payload
 * @next_proto: of the whole: DAMC_PROTO_MESSAGE or DAMC_PROTO_ECHO
 * @offset: of the data that follow, in the whole's payload
 * @total: bytes of the whole's payload
 * @id: of the whole, chosen at random
 */
struct damc_fragment_hdr {
	__u8 next_proto;
	__u8 reserved;
	__be16 offset;
	__be16 total;
	__be16 reserved2;
	__be32 id;
};

/* Payload of next protocol ECHO: this, then what the asker likes. */
struct damc_echo_hdr {
	__u8 type;
	__u8 reserved[3];
};

enum damc_echo_type {
	DAMC_ECHO_REQUEST = 0,
	DAMC_ECHO_REPLY = 1,
};

/*
 * Payload of next protocol CONTROL to /localhop/live, between kernels: one
 * message of a neighbour's liveness, Documentation/protocol.rst. All big-endian
 * but the MAC, as SipHash is.
 */
#define DAMC_LIVENESS_VERSION 1

struct damc_liveness_hdr {
	__u8 version;
	/* enum damc_liveness_state */
	__u8 state;
	/* DAMC_LIVENESS_F_* */
	__u8 flags;
	__u8 multiplier;
	/* microseconds, to its next one at most; not to be sent more often */
	__be32 interval;
	__be32 want;
	__be32 reserved;
	__be64 session;
	__be64 counter;
	/* nanoseconds, each of its own clock: sent at; the echo; held since */
	__be64 sent;
	__be64 echo;
	__be64 held;
	/* SipHash-2-4 of all before it */
	__le64 mac;
};

/* The sender's kernel forwards; its daemon is at work. */
#define DAMC_LIVENESS_F_FORWARDS 0x01
#define DAMC_LIVENESS_F_CONTROL 0x02

/*
 * Payload of next protocol CONTROL to /localhop/damc/bind, between a pod's kernel
 * and its gateway's daemon, Documentation/protocol.rst: this, the name, the
 * reason.
 */
#define DAMC_BIND_VERSION 1

enum damc_bind_msg_type {
	/* from the pod: it has bound the name; it has it no more */
	DAMC_BIND_MSG_WANT = 1,
	DAMC_BIND_MSG_LEAVE = 2,
	/* from its gateway: yes; no; not yet; it is gone */
	DAMC_BIND_MSG_GRANTED = 3,
	DAMC_BIND_MSG_REFUSED = 4,
	DAMC_BIND_MSG_LATER = 5,
	DAMC_BIND_MSG_LEFT = 6,
	/* say once more what you want: that of the name, of all if it is the root */
	DAMC_BIND_MSG_AGAIN = 7,
};

struct damc_bind_hdr {
	__u8 version;
	/* enum damc_bind_msg_type */
	__u8 type;
	__u8 name_len;
	__u8 reason_len;
	/* as an instance of its pool; 0 if it is none */
	__be16 weight;
	__be16 reserved;
	/* the binding's, chosen at random; 0 of DAMC_BIND_MSG_AGAIN */
	__be64 id;
};

#endif /* _UAPI_LINUX_DAMC_H */
