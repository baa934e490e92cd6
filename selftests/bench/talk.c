// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of 64 bytes between two namespaces, by DAMC, RMI, TIPC or UDP.
 *
 * usage: talk serve damc|rmi|tipc|udp WINDOW
 *	  talk ask   damc|rmi|tipc|udp WINDOW COUNT
 *
 * The server answers each WINDOWth message, with as much. ask prints what a
 * message took, in ns of CLOCK_MONOTONIC: with WINDOW 1 a round trip. All
 * sockets are datagram sockets, and none is connected.
 */
#include <arpa/inet.h>
#include <linux/tipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <damc.h>

#define SIZE 64
#define SERVICE "/b/4"
#define PORT 18888

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_tipc tipc;
	struct sockaddr_damc damc;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static socklen_t address_udp(union address *addr)
{
	addr->in.sin_family = AF_INET;
	addr->in.sin_port = htons(PORT);
	inet_pton(AF_INET, "192.0.2.2", &addr->in.sin_addr);
	return sizeof(addr->in);
}

static socklen_t address_tipc(union address *addr)
{
	addr->tipc.family = AF_TIPC;
	addr->tipc.addrtype = TIPC_SERVICE_ADDR;
	addr->tipc.scope = TIPC_CLUSTER_SCOPE;
	addr->tipc.addr.name.name.type = PORT;
	addr->tipc.addr.name.name.instance = 1;
	return sizeof(addr->tipc);
}

static socklen_t address_damc(union address *addr)
{
	struct damc_name name;
	const char *why;

	if (damc_name_parse(&name, SERVICE, &why))
		fail(why);
	addr->damc.sdamc_family = damc_family();
	addr->damc.sdamc_nlen = name.len;
	memcpy(addr->damc.sdamc_name, name.wire, name.len);
	return DAMC_SOCKADDR_MIN + name.len;
}

/* The server's address, and a socket that speaks to such. */
static int open_socket(const char *kind, union address *addr, socklen_t *len)
{
	memset(addr, 0, sizeof(*addr));
	if (!strcmp(kind, "udp")) {
		*len = address_udp(addr);
		return socket(AF_INET, SOCK_DGRAM, 0);
	} else if (!strcmp(kind, "tipc")) {
		*len = address_tipc(addr);
		return socket(AF_TIPC, SOCK_RDM, 0);
	}
	*len = address_damc(addr);
	return damc_socket(DAMC_PROTO_MESSAGE);
}

static void serve(int fd, unsigned int window)
{
	unsigned int n = 0;

	for (;;) {
		union address from;
		socklen_t len = sizeof(from);
		char data[SIZE];
		ssize_t got = recvfrom(fd, data, sizeof(data), 0, &from.any, &len);

		if (got < 0)
			fail("talk: recvfrom");
		if (++n % window == 0 && sendto(fd, data, got, 0, &from.any, len) < 0)
			fail("talk: sendto");
	}
}

static void ask(int fd, const union address *to, socklen_t len, unsigned int window,
		unsigned int count)
{
	char data[SIZE] = { 0 };
	unsigned int i;

	for (i = 1; i <= count; i++) {
		if (sendto(fd, data, sizeof(data), 0, &to->any, len) < 0)
			fail("talk: sendto");
		if (i % window == 0 && recv(fd, data, sizeof(data), 0) != SIZE)
			fail("talk: recv");
	}
}

static enum damc_rmi_status echo(const struct damc_rmi_call_info *call, void **data, size_t *len,
				 void *arg)
{
	(void)arg;
	*data = malloc(call->len);
	if (!*data)
		return DAMC_RMI_REFUSED;
	memcpy(*data, call->data, call->len);
	*len = call->len;
	return DAMC_RMI_OK;
}

static void rmi_serve(void)
{
	struct damc_rmi_server *server;
	struct damc_name name;
	const char *why;

	damc_name_parse(&name, SERVICE, &why);
	server = damc_rmi_server_open(&name, echo, NULL);
	if (!server)
		fail("talk: server");
	while (damc_rmi_server_serve(server, -1) >= 0)
		;
	fail("talk: serve");
}

static void rmi_ask(struct damc_rmi_client *client, unsigned int count)
{
	char data[SIZE] = { 0 };
	struct damc_rmi_request request = {
		.method = "echo", .data = data, .len = sizeof(data), .deadline_ms = 5000,
	};
	struct damc_rmi_reply reply;
	const char *why;

	damc_name_parse(&request.target, SERVICE, &why);
	while (count--) {
		if (damc_rmi_call(client, &request, &reply))
			fail("talk: call");
		if (reply.status != DAMC_RMI_OK)
			fail(damc_rmi_strerror(reply.status));
		damc_rmi_reply_free(&reply);
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static double time_ask(const char *kind, unsigned int window, unsigned int count)
{
	struct damc_rmi_client *client = NULL;
	union address to;
	socklen_t len;
	double start;
	int fd = open_socket(kind, &to, &len);

	if (fd < 0)
		fail("talk: socket");
	if (!strcmp(kind, "rmi")) {
		client = damc_rmi_client_open(NULL);
		rmi_ask(client, window);
		start = now();
		rmi_ask(client, count);
	} else {
		ask(fd, &to, len, window, window);
		start = now();
		ask(fd, &to, len, window, count);
	}
	return (now() - start) / count;
}

int main(int argc, char **argv)
{
	union address self;
	socklen_t len;
	int fd;

	if (argc < 4)
		return 2;
	if (!strcmp(argv[1], "ask")) {
		printf("%.1f\n", time_ask(argv[2], strtoul(argv[3], NULL, 10),
					  strtoul(argv[4], NULL, 10)));
		return 0;
	}
	if (!strcmp(argv[2], "rmi"))
		rmi_serve();
	fd = open_socket(argv[2], &self, &len);
	if (fd < 0 || bind(fd, &self.any, len))
		fail("talk: bind");
	serve(fd, strtoul(argv[3], NULL, 10));
	return 0;
}
