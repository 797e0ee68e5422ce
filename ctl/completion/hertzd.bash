# bash completion for hertzd: words come from the program's own help.
_hertzd()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words
    if [[ $COMP_CWORD == 1 || $prev == help ]]; then
        words="$(hertzd --help | sed -n 's/^  hertzd \([a-z]\{1,\}\) .*/\1/p') --help --version -c"
    elif [[ $prev == -d ]]; then
        words=$(hertzd decoders | sed -n '2,$s/ .*//p')
    elif [[ $prev == -F ]]; then
        words=$(hertzd formats | sed -n '2,$s/ .*//p')
    elif [[ $cur == -* ]]; then
        words=$(hertzd "$command" --help 2>/dev/null | grep -o -- '^ *--\?[a-zA-Z-]*' | tr -d ' ')
    elif [[ $command == decoders ]]; then
        words=$(hertzd decoders | sed -n '2,$s/ .*//p')
    elif [[ $command == keys && $COMP_CWORD == 2 ]]; then
        words=$(hertzd keys | sed -n 's/^\[\([a-z]*\).*/\1/p' | sort -u)
    elif [[ $command == keys ]]; then
        words=$(hertzd keys "$prev" 2>/dev/null | sed -n 's/^\[.* = //p')
    else
        compopt -o default
        return
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _hertzd hertzd
