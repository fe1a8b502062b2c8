# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of the hchan command for bash: installed as "hchan" in
# share/bash-completion/completions, or to be sourced. Commands and options are
# those which the command itself tells by --help.

_hchan_commands() {
	"$_hchan_program" --help 2>/dev/null |
		awk '/^    [a-z]+ / { on = 1; print $1; next } on { exit }'
}

# The options of a command, a line for each; behind one that takes a value a word.
_hchan_options() {
	"$_hchan_program" "$1" --help 2>/dev/null | awk '
	/^ +-/ {
		sub(/^ +/, "")
		sub(/  .*/, "")
		gsub(/,/, "")
		n = split($0, word, " ")
		value = word[n] ~ /^-/ ? "" : " " word[n]
		for (i = 1; i <= n; i++)
			if (word[i] ~ /^-/) print word[i] value
	}
	END { print "--help" }'
}

_hchan_takes_value() {	# command, option
	_hchan_options "$1" | grep -q -- "^$2 "
}

# Channels in a directory: to the shell they are FIFOs.
_hchan_channels() {	# directory, what stands before each name
	local path
	for path in "${1:-/}"/* "${1:-/}"/.*; do
		[ ! -p "$path" ] || printf '%s\n' "$2${path##*/}"
	done
}

_hchan_names() {	# what is there of the name
	case $1 in
	*/*)	_hchan_channels "${1%/*}" "${1%/*}/"
		compgen -d -S / -- "$1" ;;
	*)	_hchan_channels "${HCHAN_DIR:-/dev/chan}" '' ;;
	esac
}

# Of the lines of standard input those that begin with $1, as the shell takes them.
_hchan_reply() {
	local word
	while read -r word; do
		case $word in
		'')	;;
		"$1"*)	COMPREPLY+=("$(printf '%q' "$word")") ;;
		esac
	done
	# A directory is not the end.
	case ${#COMPREPLY[@]}${COMPREPLY[0]-} in
	1*/)	compopt -o nospace 2>/dev/null ;;
	esac
}

# Where the command that is run begins; or the number of other words before the
# one that is being completed.
_hchan_count() {	# command
	local i count=0
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--)	i=$((i + 1)) ; break ;;
		-*)	! _hchan_takes_value "$1" "${COMP_WORDS[i]}" || i=$((i + 1)) ;;
		*)	[ "$1" != run ] || break
			count=$((count + 1)) ;;
		esac
	done
	if [ "$1" = run ]; then
		echo "$i"
	else
		echo $((count + (i < COMP_CWORD ? COMP_CWORD - i : 0)))
	fi
}

# Programs, and behind one files: whoever has a better completion for it asks for that.
_hchan_run() {
	local begin
	begin=$(_hchan_count run)
	# Behind the last word there would be another value of an option.
	[ "$begin" -le "$COMP_CWORD" ] || return
	if [ "$begin" -lt "$COMP_CWORD" ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$1")
		compopt -o filenames 2>/dev/null
	elif [[ $1 = -* ]] && [ "${COMP_WORDS[COMP_CWORD - 1]}" != -- ]; then
		_hchan_reply "$1" < <(_hchan_options run | cut -d' ' -f1; echo --)
	else
		mapfile -t COMPREPLY < <(compgen -c -- "$1" | sort -u)
	fi
}

_hchan() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} _hchan_program=${COMP_WORDS[0]}
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ]; then
		_hchan_reply "$current" < <(
			_hchan_commands; printf '%s\n' help --help --version)
		return
	fi
	if [ "$command" != run ] && [[ $previous = --?* || $previous = -? ]] &&
	   _hchan_takes_value "$command" "$previous"; then
		return
	fi
	case $command,$current in
	help,*)	[ "$COMP_CWORD" -ne 2 ] ||
			_hchan_reply "$current" < <(_hchan_commands) ;;
	run,*)	_hchan_run "$current" ;;
	*,-*)	_hchan_reply "$current" < <(_hchan_options "$command" | cut -d' ' -f1) ;;
	ls,*)	mapfile -t COMPREPLY < <(compgen -d -- "$current")
		compopt -o filenames 2>/dev/null ;;
	stat,*|close,*|rm,*)
		_hchan_reply "$current" < <(_hchan_names "$current") ;;
	create,*|send,*|recv,*|wait,*)
		[ "$(_hchan_count "$command")" -gt 0 ] ||
			_hchan_reply "$current" < <(_hchan_names "$current") ;;
	esac
	return 0
}

complete -F _hchan hchan
