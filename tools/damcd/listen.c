// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"

#define BACKLOG 1024

/* A peer that went without a word is gone after so many seconds. */
#define KEEP_IDLE 10
#define KEEP_INTERVAL 5
#define KEEP_COUNT 3

static int close_err(int fd)
{
	int err = -errno;

	close(fd);
	return err;
}

/* A path that a process left. To connect to any other file is refused, too. */
static bool is_dead(const struct sockaddr_un *sa, socklen_t len)
{
	struct stat stat;
	bool dead;
	int fd;

	if (lstat(sa->sun_path, &stat) || !S_ISSOCK(stat.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	dead = connect(fd, (const void *)sa, len) && errno == ECONNREFUSED;
	close(fd);
	return dead;
}

static int parse_unix(const char *path, struct sockaddr_un *sa, socklen_t *len)
{
	size_t n = strlen(path);

	if (n >= sizeof(sa->sun_path))
		return -ENAMETOOLONG;
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*len = offsetof(struct sockaddr_un, sun_path) + n;
	memcpy(sa->sun_path, path, n);
	if (*path == '@')
		sa->sun_path[0] = '\0';
	else
		++*len;
	return 0;
}

static int listen_unix(const char *path, mode_t mode)
{
	struct sockaddr_un sa;
	socklen_t len;
	int err = parse_unix(path, &sa, &len), fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (*path != '@' && is_dead(&sa, len))
		unlink(path);
	if (bind(fd, (void *)&sa, len) ||
	    (*path != '@' && chmod(path, mode)) || listen(fd, BACKLOG))
		return close_err(fd);
	return fd;
}

struct inet {
	struct sockaddr_storage sa;
	socklen_t len;
	bool local;
};

static int parse_inet(const char *address, struct inet *inet)
{
	struct sockaddr_in6 *v6 = (void *)&inet->sa;
	struct sockaddr_in *v4 = (void *)&inet->sa;
	const char *colon = strrchr(address, ':');
	char host[INET6_ADDRSTRLEN];
	size_t n = colon ? (size_t)(colon - address) : 0;

	memset(inet, 0, sizeof(*inet));
	if (n > 2 && *address == '[' && colon[-1] == ']') {
		address++;
		n -= 2;
	}
	if (!n || n >= sizeof(host))
		return -EINVAL;
	memcpy(host, address, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(atoi(colon + 1));
		inet->len = sizeof(*v4);
		inet->local = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
		return 0;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return -EINVAL;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(atoi(colon + 1));
	inet->len = sizeof(*v6);
	inet->local = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	return 0;
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int set_up(int fd, const struct inet *inet, const char *interface)
{
	if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) ||
	    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE) ||
	    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL) ||
	    set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT) ||
	    set(fd, IPPROTO_TCP, TCP_NODELAY, 1) ||
	    set(fd, IPPROTO_IP, IP_FREEBIND, 1))
		return -1;
	if (!interface || inet->local)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
			  strlen(interface) + 1);
}

static int listen_inet(const char *address, const char *interface)
{
	struct inet inet;
	int err = parse_inet(address, &inet), fd;

	if (err)
		return err;
	fd = socket(inet.sa.ss_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (set_up(fd, &inet, interface) ||
	    bind(fd, (void *)&inet.sa, inet.len) || listen(fd, BACKLOG))
		return close_err(fd);
	return fd;
}

int listen_open(const char *address, const char *interface, mode_t mode)
{
	if (!strncmp(address, "unix:", 5))
		return listen_unix(address + 5, mode);
	return listen_inet(address, interface);
}

void listen_remove(const char *address)
{
	struct sockaddr_un sa;
	socklen_t len;

	if (!strncmp(address, "unix:/", 6) &&
	    !parse_unix(address + 5, &sa, &len) && is_dead(&sa, len))
		unlink(address + 5);
}
