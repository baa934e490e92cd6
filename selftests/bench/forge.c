// SPDX-License-Identifier: GPL-2.0
/*
 * Send forged control of class 2 to a node and print what one frame cost it beyond
 * being sent and received for nobody: that, the rest, and the daemon's part of the
 * rest, in ns of CLOCK_MONOTONIC. On one CPU, with instructions counted, that is all
 * that the frame causes until the send returns, and what the daemon still had to do
 * afterwards. What is forged was overheard on DEV first: a frame to all of the
 * daemon behind DEV, which stands still meanwhile.
 *
 * usage: forge DEV LLADDR VICTIM OTHER KIND FROM FRAMES
 *
 * LLADDR is the victim's. VICTIM and OTHER are the daemons' process ids, OTHER that
 * behind DEV. KIND: udp (to a port of 192.0.2.1 that nobody has), noise, hello,
 * session (sequences far ahead, tags that are wrong), replay.
 * FROM: neighbour (the address that was overheard), one (another), many (a new one
 * each time).
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/damc.h>

#define SINK_ETHERTYPE 0x88b6
/* Documentation/control.rst, "Packets" */
#define LS_KIND 1
#define LS_HELLO 1
#define LS_SESSION 2
#define LS_HELLO_KEY 70
#define LS_SEQUENCE 20
#define LS_HEAD 12

/* Beyond the sequences of a session that has just begun. */
#define NEXT 1000000

/* Sent first, so that a second is as all later ones are: no bucket is full. */
#define FIRST 300000

struct frame {
	size_t len;
	uint8_t byte[ETH_FRAME_LEN];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* With protocol 0 it hears nothing, which would cost time. */
static int open_device(const char *name, uint16_t protocol)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(name);
	return fd;
}

/* The payload of a class 2 packet; NULL if the frame holds none. */
static uint8_t *payload(struct frame *frame)
{
	struct ethhdr *eth = (struct ethhdr *)frame->byte;
	struct damc_hdr *hdr = (struct damc_hdr *)(eth + 1);
	uint8_t *at = (uint8_t *)hdr + hdr->header_len * 4;

	if (eth->h_proto != htons(DAMC_ETHERTYPE_DEFAULT) ||
	    hdr->next_proto != DAMC_PROTO_CONTROL ||
	    at + LS_HELLO_KEY > frame->byte + frame->len ||
	    memcmp(hdr + 1, "\010localhop\004damc\002ls", 17))
		return NULL;
	return at;
}

/* What leaves by the device, sent by the daemon there. */
static void overhear(int fd, uint8_t kind, struct frame *frame)
{
	struct sockaddr_ll from;
	socklen_t len;
	uint8_t *at;

	do {
		len = sizeof(from);
		frame->len = recvfrom(fd, frame->byte, sizeof(frame->byte), 0,
				      (void *)&from, &len);
		if ((ssize_t)frame->len < 0)
			die("overhear");
		at = payload(frame);
	} while (from.sll_pkttype != PACKET_OUTGOING || !at ||
		 at[LS_KIND] != kind);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	/* A daemon that died has none, nor has it cost anything. */
	if (clock_gettime(clock, &ts))
		die("clock");
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void forge(struct frame *frame, const char *kind, const char *from,
		  uint32_t n)
{
	struct ethhdr *eth = (struct ethhdr *)frame->byte;
	uint32_t number = htonl(NEXT + n % NEXT), random = htonl(n * 2654435761U);
	uint8_t *at = (uint8_t *)(eth + 1);

	if (!strcmp(kind, "udp"))
		return;
	at += ((struct damc_hdr *)at)->header_len * 4;
	if (!strcmp(from, "many"))
		memcpy(eth->h_source + 2, &random, sizeof(random));
	if (!strcmp(kind, "noise"))
		memcpy(at + LS_HEAD, &random, sizeof(random));
	else if (!strcmp(kind, "hello"))
		memcpy(at + LS_HELLO_KEY, &random, sizeof(random));
	else if (!strcmp(kind, "session"))
		memcpy(at + LS_SEQUENCE, &number, sizeof(number));
}

static uint16_t checksum(const void *of, size_t words)
{
	const uint16_t *word = of;
	uint32_t sum = 0;

	while (words--)
		sum += *word++;
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

/* As long as what was overheard. */
static void make_udp(struct frame *frame)
{
	struct ethhdr *eth = (struct ethhdr *)frame->byte;
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(frame->len - sizeof(*eth)),
		.saddr = htonl(0xc0000202), .daddr = htonl(0xc0000201),
	};
	struct udphdr udp = {
		.source = htons(4), .dest = htons(9),
		.len = htons(frame->len - sizeof(*eth) - sizeof(ip)),
	};

	ip.check = checksum(&ip, sizeof(ip) / 2);
	eth->h_proto = htons(ETH_P_IP);
	memcpy(eth + 1, &ip, sizeof(ip));
	memcpy((uint8_t *)(eth + 1) + sizeof(ip), &udp, sizeof(udp));
}

static void prepare(int fd, struct frame *frame, const char *kind,
		    const char *from, const uint8_t *victim)
{
	struct ethhdr *eth = (struct ethhdr *)frame->byte;

	overhear(fd, !strcmp(kind, "session") || !strcmp(kind, "replay") ?
		 LS_SESSION : LS_HELLO, frame);
	if (strcmp(from, "neighbour"))
		memcpy(eth->h_source, "\x06\x06\0\0\0\0", ETH_ALEN);
	if (!strcmp(kind, "noise"))
		payload(frame)[LS_KIND] = 0x77;
	if (!strcmp(kind, "udp")) {
		memcpy(eth->h_dest, victim, ETH_ALEN);
		make_udp(frame);
	}
}

/* How long it took until all were sent, as far as the victim's kernel is concerned. */
static uint64_t flood(int fd, struct frame *frame, const char *kind,
		      const char *from, uint32_t n)
{
	uint64_t since = clock_ns(CLOCK_MONOTONIC);
	uint32_t i;

	for (i = 0; i < n; i++) {
		forge(frame, kind, from, i);
		if (send(fd, frame->byte, frame->len, 0) < 0)
			die("send");
	}
	return clock_ns(CLOCK_MONOTONIC) - since;
}

/* The link address of whoever is behind DEV, as ip neigh has it. */
static void read_lladdr(const char *text, uint8_t lladdr[ETH_ALEN])
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", lladdr, lladdr + 1,
		   lladdr + 2, lladdr + 3, lladdr + 4, lladdr + 5) != ETH_ALEN)
		exit(2);
}

static clockid_t clock_of(const char *pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(atoi(pid), &clock))
		die(pid);
	return clock;
}

/* The same frames, but of an EtherType that nobody takes. */
static uint64_t sink(int fd, const struct frame *frame, const char *kind,
		     const char *from, uint32_t n)
{
	struct frame unheard = *frame;

	((struct ethhdr *)unheard.byte)->h_proto = htons(SINK_ETHERTYPE);
	return flood(fd, &unheard, kind, from, n);
}

/* All of it, and the daemon's own, when nothing is new any more. */
static uint64_t cost(int fd, struct frame *frame, const char *kind,
		     const char *from, uint32_t n, clockid_t daemon,
		     uint64_t *daemon_ns)
{
	uint64_t took, before, during;

	flood(fd, frame, kind, from, FIRST);
	before = clock_ns(daemon);
	took = flood(fd, frame, kind, from, n);
	during = clock_ns(daemon) - before;
	usleep(500000);
	*daemon_ns = clock_ns(daemon) - before;
	return took + *daemon_ns - during;
}

int main(int argc, char **argv)
{
	uint64_t base, took, daemon_ns;
	uint8_t lladdr[ETH_ALEN];
	struct frame frame;
	clockid_t daemon;
	uint32_t n;
	int fd;

	if (argc != 8)
		return 2;
	n = strtoul(argv[7], NULL, 0);
	read_lladdr(argv[2], lladdr);
	daemon = clock_of(argv[3]);
	fd = open_device(argv[1], ETH_P_ALL);
	prepare(fd, &frame, argv[5], argv[6], lladdr);
	close(fd);
	fd = open_device(argv[1], 0);
	kill(atoi(argv[4]), SIGSTOP);
	base = sink(fd, &frame, argv[5], argv[6], n);
	took = cost(fd, &frame, argv[5], argv[6], n, daemon, &daemon_ns);
	kill(atoi(argv[4]), SIGCONT);
	printf("%llu %llu %llu\n", (unsigned long long)base / n,
	       (unsigned long long)(took - base) / n,
	       (unsigned long long)daemon_ns / n);
	return 0;
}
