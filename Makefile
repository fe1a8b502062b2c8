# SPDX-License-Identifier: GPL-2.0-only
# Everything but the kernel's own build, which reads Kbuild. `make help` lists
# the targets. Downloads and results go to build/.

KERNELDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := $(CURDIR)/build
export KERNELDIR PREFIX DESTDIR BUILD

# All six flavours a module is built for, and the checkers' kernel.
KERNELS := 6.12-cloud 6.12 6.12-rt 6.1-cloud 6.1 6.1-rt debug

# The folders with a Makefile of their own.
USER_DIRS := $(patsubst %/Makefile,%,$(wildcard libuser/Makefile tools/hchan/Makefile))
CHECK := tools/checks/run

.PHONY: all
all: modules user

# Without the headers of the running kernel (a build machine, a container) the
# module is built for the kernel that the checks use.
.PHONY: modules
modules: deps
	@if [ -e $(KERNELDIR)/Makefile ]; then		\
		tools/vm/module host;			\
	else						\
		echo "No kernel headers in $(KERNELDIR): building for 6.12-cloud."; \
		tools/vm/module 6.12-cloud;		\
	fi

.PHONY: $(KERNELS:%=modules-%)
$(KERNELS:%=modules-%): modules-%: deps
	tools/vm/module $*

.PHONY: user
user: deps
	@set -e; for dir in $(USER_DIRS); do $(MAKE) -C $$dir all; done

# What a guest gets: it has no libraries.
.PHONY: guest-tools
guest-tools: user
	@$(MAKE) -s -C tools/hchan static

.PHONY: deps
deps:
	@tools/deps

# The guests' kernels, programs and tests are made by the stages themselves.
.PHONY: check check-debug check-smoke check-static check-explore check-intree check-runner check-faults
check: deps
	@$(CHECK) check
check-debug: deps
	@$(CHECK) debug
check-smoke: deps
	@$(CHECK) smoke
check-static: deps
	@$(CHECK) static style kbuild
check-explore: deps
	@$(CHECK) explore
check-intree: deps
	@$(CHECK) intree
check-runner: deps
	@$(CHECK) runner
check-faults: deps
	@$(CHECK) faults

# What operations cost, in instructions, beside what pipes and others do.
.PHONY: bench
bench: deps
	tools/bench/run

.PHONY: check-all
check-all: deps
	@tools/checks/all

.PHONY: run
run: deps
	@tools/demo/run

.PHONY: shell
shell: modules-$(or $(KERNEL),6.12-cloud) guest-tools
	@tools/vm/shell $(or $(KERNEL),6.12-cloud)

.PHONY: install uninstall
install: modules user
	@tools/install/install
	@set -e; for dir in $(USER_DIRS); do $(MAKE) -C $$dir install; done
uninstall:
	@set -e; for dir in $(USER_DIRS); do $(MAKE) -C $$dir uninstall; done
	@tools/install/uninstall

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@sed 's/^\t//' tools/help.txt
	@[ ! -e tools/checks/last-check-all.txt ] || \
		{ echo; echo "Last full check:"; cat tools/checks/last-check-all.txt; }
