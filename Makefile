# SPDX-License-Identifier: GPL-2.0
KDIR ?= /lib/modules/$(shell uname -r)/build

.DEFAULT_GOAL := help

help: ## list every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

module: ## build kmod/damc.ko against KDIR (default: the running kernel's headers)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

.PHONY: help module
