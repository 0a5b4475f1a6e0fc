# tui-lm: ghost text in fish while you write prose at the prompt. Printed by `tui-lm shell-init fish`.
#
# fish has no hook that runs after every key, and draws its own suggestions after the cursor. So you ask for the ghost,
# and it is shown in the right prompt.
#   Alt-G        ask for a ghost; while one is shown, take all of it
#   Alt-J        take its next word
# One `tui-lm complete` serves the shell, from the first question until the shell ends. It learns nothing.

if status is-interactive

set -g _tui_lm_command @COMMAND@
set -q TUI_LM_COMMAND; and eval "set -g _tui_lm_command $TUI_LM_COMMAND"
set -g _tui_lm_folder # holds the pipe and the answer
set -g _tui_lm_id 0
set -g _tui_lm_ghost
set -g _tui_lm_line # the text before the cursor that the ghost continues

# A shell between fish and tui-lm writes each answer to a file and signals fish, so that fish never waits.
function _tui_lm_start
    set -g _tui_lm_folder (mktemp -d (set -q TMPDIR; and echo $TMPDIR; or echo /tmp)/tui-lm.XXXXXX); or return 1
    mkfifo -m 600 $_tui_lm_folder/in; or return 1
    sh -c '
        fish=$1 folder=$2
        shift 2
        trap "" INT
        "$@" <>"$folder/in" 2>/dev/null | while IFS= read -r answer; do
            printf "%s\n" "$answer" >"$folder/new" && mv "$folder/new" "$folder/answer" && kill -USR1 "$fish" || break
        done
        rm -rf "$folder"
    ' tui-lm $fish_pid $_tui_lm_folder $_tui_lm_command </dev/null >/dev/null 2>&1 &
    disown $last_pid
end

function _tui_lm_ask
    test -p "$_tui_lm_folder/in"; or _tui_lm_start; or return
    set -g _tui_lm_id (math $_tui_lm_id + 1)
    set -g _tui_lm_line (commandline -cb | string collect)
    printf '%s\tasked\t%s\n' $_tui_lm_id (string replace -a \n \r -- $_tui_lm_line | string collect) >$_tui_lm_folder/in
end

function _tui_lm_answered --on-signal USR1
    test -r "$_tui_lm_folder/answer"; or return
    read -l -d \t identity ghost <$_tui_lm_folder/answer
    test "$identity" = $_tui_lm_id; and _tui_lm_is_there; or return
    _tui_lm_show $ghost
end

function _tui_lm_show
    set -g _tui_lm_ghost $argv[1]
    commandline -f repaint
end

function _tui_lm_is_there
    test "$_tui_lm_line" = "$(commandline -cb | string collect)"
end

function _tui_lm_take
    set -l left (string sub -s (math (string length -- $argv[1]) + 1) -- $_tui_lm_ghost)
    commandline -i -- $argv[1]
    set -g _tui_lm_line (commandline -cb | string collect)
    _tui_lm_show $left
end

function _tui_lm_all
    if test -n "$_tui_lm_ghost"; and _tui_lm_is_there
        _tui_lm_take $_tui_lm_ghost
    else
        _tui_lm_ask
    end
end

function _tui_lm_word
    test -n "$_tui_lm_ghost"; and _tui_lm_is_there
    and _tui_lm_take (string match -r '^\s*\S+' -- $_tui_lm_ghost)
end

function _tui_lm_clear --on-event fish_preexec --on-event fish_cancel
    set -g _tui_lm_ghost
end

functions -q fish_right_prompt; and functions -c fish_right_prompt _tui_lm_right_prompt
function fish_right_prompt
    if test -n "$_tui_lm_ghost"
        printf '%s…%s%s' (set_color brblack) "$_tui_lm_ghost" (set_color normal)
    else if functions -q _tui_lm_right_prompt
        _tui_lm_right_prompt
    end
end

for _tui_lm_map in default insert
    bind -M $_tui_lm_map (set -q TUI_LM_KEY_ALL; and echo $TUI_LM_KEY_ALL; or printf '\eg') _tui_lm_all
    bind -M $_tui_lm_map (set -q TUI_LM_KEY_WORD; and echo $TUI_LM_KEY_WORD; or printf '\ej') _tui_lm_word
end
set -e _tui_lm_map

end
