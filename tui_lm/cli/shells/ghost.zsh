# tui-lm: ghost text in zsh while you write prose at the prompt. Printed by `tui-lm shell-init zsh`.
#
# The ghost comes by itself inside an open quote, in a comment, in `vared`, and in a line that begins with no command.
#   Alt-G        take all of the ghost; if none is shown, ask for one, and treat the line as prose from then on
#   Alt-J        take its next word
#   Right        at the end of the line, take all of it
# One `tui-lm complete` serves the shell, from the first prose until the shell ends. It learns nothing.

if [[ -o interactive ]] && autoload -Uz add-zle-hook-widget && zmodload zsh/system zsh/zle 2>/dev/null; then

typeset -ga _tui_lm_command=(@COMMAND@)
[[ -n $TUI_LM_COMMAND ]] && eval "_tui_lm_command=($TUI_LM_COMMAND)"
typeset -g _tui_lm_to= _tui_lm_from= _tui_lm_piece= _tui_lm_failed= # its pipes, an incomplete answer
typeset -gi _tui_lm_id=0                                            # id of the current line
typeset -g _tui_lm_busy= _tui_lm_wish= _tui_lm_prose=               # waiting; the next question; asked by key
typeset -g _tui_lm_ghost= _tui_lm_style= _tui_lm_seen=              # the ghost, its style, its line

_tui_lm_start() {
  setopt local_options no_monitor no_notify no_bg_nice
  local pipes
  pipes=$(mktemp -d "${TMPDIR:-/tmp}/tui-lm.XXXXXX") && mkfifo -m 600 $pipes/in $pipes/out || return 1
  "${_tui_lm_command[@]}" <$pipes/in >$pipes/out 2>/dev/null &!
  sysopen -w -o cloexec -u _tui_lm_to $pipes/in && sysopen -r -o cloexec -u _tui_lm_from $pipes/out
  command rm -rf -- $pipes
  zle -F -w $_tui_lm_from _tui_lm_answered
}

_tui_lm_stop() {
  zle -F $_tui_lm_from 2>/dev/null
  exec {_tui_lm_to}>&- {_tui_lm_from}<&-
  _tui_lm_to= _tui_lm_from= _tui_lm_piece= _tui_lm_busy= _tui_lm_failed=1
}

# Sets REPLY to the kind of line: text, line or command; empty if there is no prose to complete.
_tui_lm_kind() {
  local first=${LBUFFER%%[[:space:]]*}
  REPLY=$_tui_lm_prose
  if [[ $CONTEXT == vared ]]; then
    REPLY=text
  elif [[ -n $REPLY ]]; then
  elif [[ $CONTEXT == start && $LBUFFER != $first && $first == [[:alpha:]]* && $first != *[^[:alnum:]\',.!?:-]* &&
    ! -d $first ]] && ! whence -- ${first//\'/} >/dev/null; then
    REPLY=line
  elif [[ $PREBUFFER$LBUFFER == *[\"\'#]* ]]; then
    REPLY=command
  fi
}

# Asks for the continuation of the line, whose kind is $1. One question at a time.
_tui_lm_ask() {
  _tui_lm_wish=$1
  [[ -n $_tui_lm_busy ]] && return
  if [[ -z $_tui_lm_to ]]; then
    [[ -n $_tui_lm_failed && $1 != asked ]] && return
    _tui_lm_start || return
  fi
  local text=$LBUFFER
  [[ $CONTEXT == vared ]] || text=$PREBUFFER$LBUFFER
  _tui_lm_wish= _tui_lm_busy=1
  print -r -u $_tui_lm_to -- "$_tui_lm_id"$'\t'"$1"$'\t'"${text//$'\n'/$'\r'}" 2>/dev/null || _tui_lm_stop
}

_tui_lm_answered() {
  local piece line
  if ! sysread -i $1 piece 2>/dev/null; then
    _tui_lm_stop
    return
  fi
  _tui_lm_piece+=$piece
  [[ $_tui_lm_piece == *$'\n' ]] || return
  line=${_tui_lm_piece%$'\n'} _tui_lm_piece= _tui_lm_busy=
  if [[ ${line%%$'\t'*} == $_tui_lm_id ]]; then
    _tui_lm_show "${line#*$'\t'}"
    zle -R
  fi
  [[ -z $_tui_lm_wish ]] || _tui_lm_ask $_tui_lm_wish
}

_tui_lm_show() {
  region_highlight=("${(@)region_highlight:#$_tui_lm_style}")
  [[ -n $_tui_lm_ghost && $POSTDISPLAY == $_tui_lm_ghost ]] && POSTDISPLAY=
  _tui_lm_ghost=
  [[ -z $1 || -n $POSTDISPLAY || -n $RBUFFER ]] && return
  _tui_lm_ghost=$1 POSTDISPLAY=$1
  _tui_lm_style="$#BUFFER $(( $#BUFFER + $#1 )) ${TUI_LM_STYLE:-fg=8}"
  region_highlight+=("$_tui_lm_style")
}

# Runs before every redraw: a changed line gets a new ghost; typing the ghost itself keeps the rest of it.
_tui_lm_redraw() {
  local line=$LBUFFER$'\n'$RBUFFER before=${_tui_lm_seen%$'\n'} left= REPLY
  [[ $line == $_tui_lm_seen ]] && return
  [[ -n $_tui_lm_ghost && $before$_tui_lm_ghost == $LBUFFER?* ]] && left=${${:-$before$_tui_lm_ghost}#$LBUFFER}
  _tui_lm_seen=$line _tui_lm_wish=
  (( ++_tui_lm_id ))
  _tui_lm_show $left
  (( PENDING > 0 )) || [[ -n $RBUFFER ]] && return
  _tui_lm_kind
  [[ -n $REPLY ]] && _tui_lm_ask $REPLY
}

_tui_lm_take() { LBUFFER+=$1 } # as if it were typed

_tui_lm_all() { [[ -n $_tui_lm_ghost ]] && _tui_lm_take $_tui_lm_ghost || { _tui_lm_prose=line; _tui_lm_ask asked } }

_tui_lm_word() {
  setopt local_options extended_glob
  [[ -n $_tui_lm_ghost ]] && _tui_lm_take ${(M)_tui_lm_ghost##[[:space:]]#[^[:space:]]##}
}

_tui_lm_right() { [[ -n $_tui_lm_ghost ]] && _tui_lm_take $_tui_lm_ghost || zle .forward-char }

_tui_lm_finish() { (( ++_tui_lm_id )); _tui_lm_show ''; _tui_lm_seen= _tui_lm_wish= _tui_lm_prose= }

() {
  local name map
  for name in answered all word right redraw finish; zle -N _tui_lm_$name
  add-zle-hook-widget line-pre-redraw _tui_lm_redraw
  add-zle-hook-widget line-finish _tui_lm_finish
  for map in emacs viins; do
    bindkey -M $map "${TUI_LM_KEY_ALL:-^[g}" _tui_lm_all
    bindkey -M $map "${TUI_LM_KEY_WORD:-^[j}" _tui_lm_word
    bindkey -M $map '^[[C' _tui_lm_right '^[OC' _tui_lm_right
  done
}

fi
