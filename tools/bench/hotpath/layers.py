# SPDX-License-Identifier: GPL-2.0-only
"""Which layer a kernel function belongs to.

The outermost function that belongs to a layer decides: what the scheduler calls is
the scheduler's, and a lock that the allocator takes is the allocator's. Only the
system call and the channel's code (or a pipe's) hand on to others.
"""

import re

SYSCALL, SECURITY, OBJECT, COPIES, LOCKS, SCHEDULER, ALLOCATOR = LAYERS = (
    "system call, files", "security modules", "channel", "copies", "locks",
    "scheduler", "allocator")

# What others are called from.
OPEN = (SYSCALL, OBJECT)

_BY_NAME = [(layer, re.compile(pattern)) for layer, pattern in (
    (SECURITY, r"security_|apparmor_|aa_|selinux_|tomoyo_|landlock_|bpf_lsm_|"
               r"hook_|cap_|yama_|smack_|common_file_perm"),
    (OBJECT, r"(anon_)?pipe_|eventfd_|do_eventfd"),
    (COPIES, r"_?_?copy_(from|to)_(user|iter)|_copy_|raw_copy|copy_user|"
             r"copy_page_|copyin|copyout|rep_movs|rep_stos|"
             r"__check_object_size|check_heap_object|__check_heap_object|"
             r"check_stack_object|mem(cpy|set|move)|__mem(cpy|set|move)|"
             r"__(get|put)_user|_?_?clear_user|fault_in_|import_ubuf"),
    (SCHEDULER, r"try_to_wake_up|wake_|__wake_up|__?schedule|schedule_|__switch_to|"
                r"finish_task_switch|ttwu|default_wake_function|autoremove_wake|"
                r"preempt_schedule|add_wait_queue|remove_wait_queue|"
                r"prepare_to_wait|finish_wait|init_wait|hrtimer_|"
                r"_cond_resched|__cond_resched|ret_from_fork"),
    (ALLOCATOR, r"k(mem_cache|malloc|zalloc|free|vmalloc|vfree|memdup)|__kmalloc|"
                r"__kmem|vmalloc|vfree|__vmalloc|alloc_pages|__alloc_pages|"
                r"__free_pages|free_pages|__folio_put|__put_page|obj_cgroup|"
                r"__?memcg_|mod_objcg|slab_|__slab|pcpu|percpu|free_percpu"),
    (LOCKS, r"_raw_|rt_(spin|read|write|mutex)_|mutex_|__mutex|down_|up_|__rcu|"
            r"rcu_|queued_|__lock"),
)]

# Of files, inodes and descriptors, whoever calls it.
_FILES = re.compile(
    r"(__)?(anon_inode|alloc_(empty_)?file|alloc_fd|fd_install|get_unused_fd|"
    r"put_unused_fd|fput|fget|fdget|f_delown|d_|dput|dget|dentry_|iput|igrab|ihold|"
    r"inode|path_|mntget|mntput|file_|init_file|new_inode|task_work_|do_dentry_open|"
    r"vfs_|lockref_|errseq_|try_module_get|module_put|stream_open)")
_INTERRUPT = re.compile(r"asm_(sysvec|common_interrupt|exc_page_fault)")


def is_interrupt(name):
    return bool(_INTERRUPT.match(name))


def layer_of(name, module, caller):
    """The layer of a function that is called from one of layer @caller."""
    if caller is not None and caller not in OPEN:
        return caller
    if module == "hchan":
        return OBJECT
    for layer, pattern in _BY_NAME:
        if pattern.match(name):
            # A pipe's mutex is one of its operations; an entry's RCU is its own.
            if layer == LOCKS and caller != OBJECT:
                return SYSCALL
            return layer
    # A check of a list, a random number: the work of who calls for it.
    if caller == OBJECT and not _FILES.match(name):
        return OBJECT
    return SYSCALL
