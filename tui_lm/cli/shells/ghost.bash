# tui-lm: ghost text in bash while you write prose at the prompt or in `read -e`. Printed by `tui-lm shell-init bash`.
#
# bash has no hook that runs after every key, so you ask for the ghost, and it is shown below the line.
#   Alt-G        ask for a ghost; while one is shown, take all of it
#   Alt-J        take its next word
# One `tui-lm complete` serves the shell, from the first question until the shell ends. It learns nothing.

if [[ $- == *i* ]] && (( BASH_VERSINFO[0] > 4 || BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4 )); then

_tui_lm_command=(@COMMAND@)
[[ -n ${TUI_LM_COMMAND-} ]] && eval "_tui_lm_command=($TUI_LM_COMMAND)"
_tui_lm_to= _tui_lm_from= _tui_lm_ghost= _tui_lm_note= _tui_lm_line= _tui_lm_id=0

_tui_lm_start() {
  [[ -n $_tui_lm_to ]] && return 0
  local pipes
  pipes=$(mktemp -d "${TMPDIR:-/tmp}/tui-lm.XXXXXX") && mkfifo -m 600 "$pipes/in" "$pipes/out" || return 1
  { "${_tui_lm_command[@]}" <"$pipes/in" >"$pipes/out" 2>/dev/null & } 2>/dev/null
  disown $! 2>/dev/null
  exec {_tui_lm_to}>"$pipes/in" {_tui_lm_from}<"$pipes/out"
  rm -rf -- "$pipes"
}

_tui_lm_stop() {
  exec {_tui_lm_to}>&- {_tui_lm_from}<&-
  _tui_lm_to= _tui_lm_from=
}

# Sets _tui_lm_ghost to the ghost after the cursor, or _tui_lm_note to the reason why there is none.
_tui_lm_ask() {
  local text=${READLINE_LINE:0:READLINE_POINT} identity=
  _tui_lm_ghost= _tui_lm_note='tui-lm does not answer: try `tui-lm complete`'
  _tui_lm_start || return
  (( ++_tui_lm_id ))
  # In a subshell: SIGPIPE from a pipe without a reader would end this shell.
  (trap '' PIPE; printf '%s\tasked\t%s\n' "$_tui_lm_id" "${text//$'\n'/$'\r'}" >&"$_tui_lm_to") 2>/dev/null
  while [[ $identity != "$_tui_lm_id" ]]; do
    IFS=$'\t' read -r -t 2 -u "$_tui_lm_from" identity _tui_lm_ghost && continue
    if (( $? > 128 )); then
      _tui_lm_note='tui-lm is still loading: ask again'
    else
      _tui_lm_stop
    fi
    _tui_lm_ghost=
    return
  done
  _tui_lm_note=
}

# Prints the ghost below the line, dim, and moves the cursor back up; readline redraws the line itself.
_tui_lm_show() {
  local prompt=${PS1@P} shown=${_tui_lm_ghost:+…$_tui_lm_ghost} down
  prompt=${prompt##*$'\n'}
  while [[ $prompt == *$'\001'*$'\002'* ]]; do
    prompt=${prompt%%$'\001'*}${prompt#*$'\002'}
  done
  down=$(( (${#prompt} + ${#READLINE_LINE}) / ${COLUMNS:-80} + 1 ))
  printf -v down '%*s' "$down" ''
  printf '%s\r\e[J\e[2m%.*s\e[0m\r\e[%dA' "${down// /$'\n'}" "$(( ${COLUMNS:-80} - 1 ))" "${shown:-$_tui_lm_note}" "${#down}"
  _tui_lm_line=$READLINE_LINE$READLINE_POINT
} >&2

_tui_lm_take() {
  READLINE_LINE=${READLINE_LINE:0:READLINE_POINT}$1${READLINE_LINE:READLINE_POINT}
  READLINE_POINT=$(( READLINE_POINT + ${#1} ))
  _tui_lm_ghost=${_tui_lm_ghost#"$1"}
  _tui_lm_show
}

_tui_lm_is_shown() { [[ -n $_tui_lm_ghost && $_tui_lm_line == "$READLINE_LINE$READLINE_POINT" ]]; }

_tui_lm_all() {
  if _tui_lm_is_shown; then
    _tui_lm_take "$_tui_lm_ghost"
  else
    _tui_lm_ask
    _tui_lm_show
  fi
}

_tui_lm_word() {
  _tui_lm_is_shown || return 0
  local blank=${_tui_lm_ghost%%[![:space:]]*} rest
  rest=${_tui_lm_ghost#"$blank"}
  _tui_lm_take "$blank${rest%%[[:space:]]*}"
}

for _tui_lm_map in emacs-standard vi-insert; do
  bind -m "$_tui_lm_map" -x "\"${TUI_LM_KEY_ALL:-\\eg}\": _tui_lm_all"
  bind -m "$_tui_lm_map" -x "\"${TUI_LM_KEY_WORD:-\\ej}\": _tui_lm_word"
done
unset _tui_lm_map
PS0=${PS0-}$'\e[J' # clears the ghost below the line when a command runs

fi
