// SPDX-License-Identifier: GPL-2.0
/*
 * Send small numbered packets from one namespace to another at a fixed rate, break
 * a link meanwhile, tell for how long nothing arrived.
 *
 * usage: probe FROM TO damc NAME INTERVAL FAULT...
 *	  probe FROM TO udp SOURCE,DESTINATION INTERVAL FAULT...
 *	  probe seed
 *
 * FROM and TO are namespaces in /run/netns, INTERVAL is in us. FAULT is
 *	none SECONDS		nothing breaks for so long
 *	down NS DEV		the interface DEV of NS is set down
 *	drop NS DEV [NS DEV]	what leaves by DEV is dropped (it needs a clsact qdisc)
 *
 * One thread sends and receives, both ends, by a clock that does not wait for the
 * network; another, less urgent, breaks. Prints one line of "KEY VALUE" pairs:
 *	outage-us	from the sending of the last packet before the longest run of
 *			lost ones to that of the first after it, less an interval
 *	sent, lost	packets
 *	fault, gone, back	us since the epoch: before the link was broken; the first
 *			lost packet was sent; the first after the run was
 *	cpu-permille	of one processor's time, what this program took
 * "seed" tells the kernel that it has randomness enough, which user-mode Linux
 * gathers for minutes: for machines that exist for a bench only.
 * Exit status: 0; 1 if something failed; 3 if nothing arrives at the end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <damc.h>

#define NS 1000000000ull
#define PORT 18888
#define LINKS 2
#define STACK (128 * 1024)

/* From the start of the program to the first packet. */
#define START_NS (NS / 2)
/* Sent before the fault, and for at least and at most so long after it. */
#define BEFORE_NS (NS / 4)
#define AFTER_NS (NS * 3 / 10)
#define PATIENCE_NS (8 * NS)
/* So much without a loss ends the run, and so long stragglers are waited for. */
#define QUIET_NS (NS / 4)
#define LINGER_NS (NS / 5)

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_damc damc;
};

/**
 * struct broken - a link to break
 * @socket: netlink, of the interface's namespace
 * @message: what breaks it
 */
struct broken {
	struct mnl_socket *socket;
	char message[512];
};

struct fault {
	struct broken link[LINKS];
	unsigned int n;
	uint64_t at;
	uint64_t began_us;
	int error;
};

struct run {
	uint64_t patience;
	int from, to;
	union address address;
	socklen_t len;
	uint64_t interval, start;
	uint64_t *sent;
	bool *got;
	uint32_t n, max;
};

static void fail(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS + ts.tv_nsec;
}

static void sleep_until(uint64_t at)
{
	struct timespec ts = { .tv_sec = at / NS, .tv_nsec = at % NS };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void enter(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static void urgent(int priority)
{
	struct sched_param param = { .sched_priority = priority };
	int err = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);

	if (err) {
		errno = err;
		fail("SCHED_FIFO");
	}
}

/* ---- breaking a link ----------------------------------------------------- */

static void message_down(struct nlmsghdr *nlh, int ifindex)
{
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = RTM_NEWLINK;
	ifi->ifi_index = ifindex;
	ifi->ifi_change = IFF_UP;
}

/* tc filter add dev DEV egress matchall action drop */
static void message_drop(struct nlmsghdr *nlh, int ifindex)
{
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	struct tc_gact act = { .action = TC_ACT_SHOT };
	struct nlattr *options, *list, *one, *act_options;

	nlh->nlmsg_type = RTM_NEWTFILTER;
	nlh->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
	tc->tcm_info = TC_H_MAKE(1 << 16, htons(0x0003 /* ETH_P_ALL */));
	mnl_attr_put_strz(nlh, TCA_KIND, "matchall");
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	list = mnl_attr_nest_start(nlh, TCA_MATCHALL_ACT);
	one = mnl_attr_nest_start(nlh, 1);
	mnl_attr_put_strz(nlh, TCA_ACT_KIND, "gact");
	act_options = mnl_attr_nest_start(nlh, TCA_ACT_OPTIONS);
	mnl_attr_put(nlh, TCA_GACT_PARMS, sizeof(act), &act);
	mnl_attr_nest_end(nlh, act_options);
	mnl_attr_nest_end(nlh, one);
	mnl_attr_nest_end(nlh, list);
	mnl_attr_nest_end(nlh, options);
}

static void prepare_link(struct broken *link, bool down, const char *ns,
			 const char *dev)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(link->message);
	int ifindex;

	enter(ns);
	ifindex = if_nametoindex(dev);
	link->socket = mnl_socket_open(NETLINK_ROUTE);
	if (!ifindex || !link->socket || mnl_socket_bind(link->socket, 0, 0))
		fail(dev);
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (down)
		message_down(nlh, ifindex);
	else
		message_drop(nlh, ifindex);
}

static void prepare_fault(struct fault *fault, char **words, int n)
{
	bool down = !strcmp(words[0], "down");
	int i;

	if (!strcmp(words[0], "none"))
		return;
	for (i = 1; i + 1 < n && fault->n < LINKS; i += 2)
		prepare_link(&fault->link[fault->n++], down, words[i],
			     words[i + 1]);
}

static int answer(struct broken *link)
{
	char buf[1024];
	ssize_t len = mnl_socket_recvfrom(link->socket, buf, sizeof(buf));

	return len > 0 && mnl_cb_run(buf, len, 0, 0, NULL, NULL) >= 0 ? 0 :
									errno;
}

static void *break_links(void *arg)
{
	struct fault *fault = arg;
	unsigned int i;

	sleep_until(fault->at - BEFORE_NS);
	urgent(1);
	sleep_until(fault->at);
	fault->began_us = now(CLOCK_REALTIME) / 1000;
	for (i = 0; i < fault->n; i++)
		mnl_socket_sendto(fault->link[i].socket, fault->link[i].message,
				  ((struct nlmsghdr *)fault->link[i].message)->nlmsg_len);
	for (i = 0; i < fault->n; i++)
		fault->error = fault->error ?: answer(&fault->link[i]);
	return NULL;
}

static void make_thread(pthread_t *thread, struct fault *fault)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	if (pthread_create(thread, &attr, break_links, fault))
		fail("thread");
	pthread_attr_destroy(&attr);
}

/* ---- packets --------------------------------------------------------------- */

static void address_damc(struct run *run, const char *text)
{
	struct damc_name name;
	const char *why;

	if (damc_name_parse(&name, text, &why))
		fail(why);
	run->address.damc.sdamc_family = damc_family();
	run->address.damc.sdamc_nlen = name.len;
	memcpy(run->address.damc.sdamc_name, name.wire, name.len);
	run->len = DAMC_SOCKADDR_MIN + name.len;
}

static socklen_t address_udp(union address *address, const char *text, int port)
{
	address->in.sin_family = AF_INET;
	address->in.sin_port = htons(port);
	if (inet_pton(AF_INET, text, &address->in.sin_addr) != 1)
		fail(text);
	return sizeof(address->in);
}

static int open_socket(bool damc)
{
	int size = 4 << 20;
	int fd = damc ? damc_socket(DAMC_PROTO_MESSAGE) :
			socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		fail("socket");
	/* What waits for an address may not keep others from being sent. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static void open_ends(struct run *run, const char *from, const char *to,
		      bool damc, char *text)
{
	union address own = { 0 };
	char *destination = damc ? text : strchr(text, ',') + 1;

	if (damc)
		address_damc(run, destination);
	else
		run->len = address_udp(&run->address, destination, PORT);
	enter(to);
	run->to = open_socket(damc);
	if (bind(run->to, &run->address.any, run->len))
		fail("bind");
	enter(from);
	run->from = open_socket(damc);
	if (damc)
		return;
	destination[-1] = '\0';
	if (bind(run->from, &own.any, address_udp(&own, text, PORT)))
		fail("bind");
}

static void receive(struct run *run)
{
	uint32_t number;

	while (recv(run->to, &number, sizeof(number), MSG_DONTWAIT) ==
	       sizeof(number))
		if (number < run->n)
			run->got[number] = true;
}

static void send_one(struct run *run)
{
	uint32_t number = run->n++;

	run->sent[number] = now(CLOCK_MONOTONIC);
	/* One that cannot be sent is lost, too. */
	if (sendto(run->from, &number, sizeof(number), MSG_DONTWAIT,
		   &run->address.any, run->len) < 0)
		errno = 0;
	receive(run);
}

/* Whether nothing was lost for so long, but for what may still be on its way. */
static bool quiet(const struct run *run, uint64_t since)
{
	uint32_t i = run->n - 1;

	while (i && run->sent[i - 1] > since)
		if (!run->got[--i])
			return false;
	return true;
}

static void send_all(struct run *run, const struct fault *fault)
{
	uint64_t at = run->start, end = fault->at + run->patience, t;

	for (;;) {
		sleep_until(at);
		t = now(CLOCK_MONOTONIC);
		if (t > end || run->n == run->max ||
		    (fault->n && t > fault->at + AFTER_NS &&
		     quiet(run, t - QUIET_NS)))
			break;
		send_one(run);
		/* What could not be sent in time is not sent late. */
		while (at <= t)
			at += run->interval;
	}
	for (end = now(CLOCK_MONOTONIC) + LINGER_NS; t < end; t += NS / 100) {
		sleep_until(t);
		receive(run);
	}
}

/* ---- what came of it ----------------------------------------------------- */

static uint64_t cpu_ns(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/**
 * struct hole - packets lost one after the other
 * @ns: for how long nothing arrived that was sent meanwhile
 * @gone, @back: when the first of them was sent, and the first after them
 */
struct hole {
	uint64_t ns, gone, back;
};

/* The longest; at the end of the run what is missing counts until then. */
static struct hole longest(const struct run *run, uint32_t *lost, uint32_t *last)
{
	struct hole worst = { 0 };
	uint64_t gap;
	uint32_t i;

	*last = 0;
	*lost = 0;
	for (i = 1; i < run->n; i++) {
		*lost += !run->got[i];
		if (!run->got[i] && i + 1 < run->n)
			continue;
		gap = run->sent[i] - run->sent[*last];
		if (i - *last > 1 && gap - run->interval > worst.ns)
			worst = (struct hole){ gap - run->interval,
					       run->sent[*last + 1],
					       run->sent[i] };
		if (run->got[i])
			*last = i;
	}
	return worst;
}

static unsigned long long us(uint64_t at, uint64_t epoch)
{
	return at ? (at + epoch) / 1000 : 0;
}

static int tell(const struct run *run, const struct fault *fault, uint64_t wall,
		uint64_t cpu)
{
	uint64_t epoch = now(CLOCK_REALTIME) - now(CLOCK_MONOTONIC);
	uint32_t lost, last;
	struct hole worst = longest(run, &lost, &last);

	printf("outage-us %llu sent %u lost %u fault %llu gone %llu back %llu cpu-permille %llu\n",
	       us(worst.ns, 0), run->n, lost,
	       (unsigned long long)fault->began_us, us(worst.gone, epoch),
	       us(worst.back, epoch), (unsigned long long)(cpu * 1000 / wall));
	return run->n - last > QUIET_NS / run->interval ? 3 : 0;
}

static int seed(void)
{
	struct {
		struct rand_pool_info info;
		uint64_t data[4];
	} pool = { .info = { .entropy_count = 256, .buf_size = 32 } };
	int fd = open("/dev/random", O_RDWR);

	pool.data[0] = now(CLOCK_REALTIME);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool))
		fail("/dev/random");
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct fault fault = { 0 };
	struct run run = { 0 };
	uint64_t wall, cpu;
	pthread_t thread;
	bool damc;

	if (argc == 2 && !strcmp(argv[1], "seed"))
		return seed();
	if (argc < 8)
		return 2;
	damc = !strcmp(argv[3], "damc");
	run.interval = strtoull(argv[5], NULL, 10) * 1000;
	run.patience = strcmp(argv[6], "none") ? PATIENCE_NS :
						 strtoull(argv[7], NULL, 10) * NS;
	run.max = (BEFORE_NS + run.patience) / run.interval + 2;
	run.sent = calloc(run.max, sizeof(*run.sent));
	run.got = calloc(run.max, sizeof(*run.got));
	if (!run.sent || !run.got)
		fail("memory");
	prepare_fault(&fault, argv + 6, argc - 6);
	open_ends(&run, argv[1], argv[2], damc, argv[4]);
	run.start = now(CLOCK_MONOTONIC) + START_NS;
	fault.at = run.start + BEFORE_NS + run.interval / 2;
	/* All that costs time is done before this is more urgent than daemons are. */
	make_thread(&thread, &fault);
	mlockall(MCL_CURRENT);
	sleep_until(run.start - START_NS / 2);
	urgent(2);
	wall = now(CLOCK_MONOTONIC);
	cpu = cpu_ns();
	send_all(&run, &fault);
	wall = now(CLOCK_MONOTONIC) - wall;
	cpu = cpu_ns() - cpu;
	pthread_join(thread, NULL);
	errno = fault.error;
	if (errno)
		fail("fault");
	return tell(&run, &fault, wall, cpu);
}
