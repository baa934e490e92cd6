// SPDX-License-Identifier: GPL-2.0
/* See identity_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "identity_file.h"

int dc_fault(char why[DC_WHY_MAX], int err, const char *path,
	     const char *format, ...)
{
	char text[DC_WHY_MAX / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(why, DC_WHY_MAX, "%.150s: %s", path, text);
	return err;
}

static int fault_errno(char why[DC_WHY_MAX], int err, const char *path)
{
	return dc_fault(why, -err, path, "%s", strerror(err));
}

/* Others' eyes on a key, or others' hands: neither. */
static int check_private(int fd, const char *path, char why[DC_WHY_MAX])
{
	struct stat stat;

	if (fstat(fd, &stat))
		return fault_errno(why, errno, path);
	if (!S_ISREG(stat.st_mode))
		return dc_fault(why, -EINVAL, path, "is not a regular file");
	if (stat.st_uid != geteuid() && stat.st_uid)
		return dc_fault(why, -EPERM, path,
				"belongs to user %u, not to this one or root",
				(unsigned int)stat.st_uid);
	if (stat.st_mode & 0177)
		return dc_fault(why, -EPERM, path,
				"has mode %04o, a private key has 0600",
				(unsigned int)stat.st_mode & 07777);
	return 0;
}

/* Up to @size bytes; fewer only at the end. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size) {
		got = read(fd, buf + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += got;
	}
	return len;
}

int dc_file_read(const char *path, char *buf, bool private,
		 char why[DC_WHY_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t len;
	int err;
	char more;

	if (fd < 0)
		return fault_errno(why, errno, path);
	err = private ? check_private(fd, path, why) : 0;
	if (err) {
		close(fd);
		return err;
	}
	len = read_all(fd, buf, DC_FILE_MAX);
	if (len < 0)
		err = fault_errno(why, -len, path);
	else if (len == DC_FILE_MAX && read_all(fd, &more, 1) != 0)
		err = dc_fault(why, -EFBIG, path, "is over %u bytes",
			       DC_FILE_MAX);
	close(fd);
	return err ? err : len;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		len -= put;
	}
	return fsync(fd) ? -errno : 0;
}

/* Give the new file its name; link() refuses where there is one. */
static int give_name(const char *from, const char *to, bool fresh)
{
	if (!fresh)
		return rename(from, to) ? -errno : 0;
	return link(from, to) ? -errno : 0;
}

/* Without it a power failure could lose the name of a file that is there. */
static int sync_dir(const char *path)
{
	char dir[PATH_MAX];
	int fd, err = 0;

	snprintf(dir, sizeof(dir), "%s", path);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* EINVAL: a file system that does this by itself. */
	if (fsync(fd) && errno != EINVAL)
		err = -errno;
	close(fd);
	return err;
}

int dc_file_write(const char *path, const void *bytes, size_t len,
		  unsigned int mode, bool fresh, char why[DC_WHY_MAX])
{
	char beside[PATH_MAX];
	int fd, err;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >=
	    (int)sizeof(beside))
		return fault_errno(why, ENAMETOOLONG, path);
	/* Made with mode 0600. */
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return fault_errno(why, errno, beside);
	err = write_all(fd, bytes, len);
	if (!err && fchmod(fd, mode))
		err = -errno;
	close(fd);
	if (!err)
		err = give_name(beside, path, fresh);
	if (err || fresh)
		unlink(beside);
	err = err ? err : sync_dir(path);
	return err ? fault_errno(why, -err, path) : 0;
}
