/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels this builds for, tested by feature and never
 * by version: stable trees carry later interfaces. Included before every file.
 */
#ifndef _DAMC_COMPAT_H
#define _DAMC_COMPAT_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#endif /* _DAMC_COMPAT_H */
