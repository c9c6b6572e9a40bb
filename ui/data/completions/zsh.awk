# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later

# mailcert --options | awk -f zsh.awk > _mailcert        (zsh completion)

BEGIN {
  FS = "\t"
  quote = "'\\''"
}

function quoted (text) {
  gsub (/'/, quote, text)
  return text
}

# Inside the brackets of an option: only they themselves are special.
function bracketed (text) {
  gsub (/\[/, "\\[", text)
  gsub (/\]/, "\\]", text)
  return quoted(text)
}

# Between the colons of a message.
function message (text) {
  gsub (/:/, "\\:", text)
  return quoted(text)
}

function action (words) {
  if (words == "@file")
    return "_files"
  if (words == "@dir")
    return "_files -/"
  if (words == "@ca")
    return "_mailcert_cas"
  if (words == "@address")
    return "_mailcert_addresses"
  if (words == "@keyring")
    return "(gpgsm smime-keys nss\\: files\\:)"
  return words == "-" ? " " : "(" words ")"
}

function option (   spec, help, value, letter) {
  help = "[" bracketed($8) "]"
  value = $5 == "-" ? "" : ":" message($5) ":" action($6)
  spec = "'" ($7 == 1 || $3 == "verbose" ? "*" : "") "--" $3 ($5 == "-" ? "" : "=") help value "'"
  letter = $4 == "-" ? "" : " '" ($3 == "verbose" ? "*" : "") "-" $4 help "'"
  return " \\\n        " spec letter
}

$1 == "verb" {
  names[++count] = $2
  help[$2] = $5
  operand[$2] = $4
  operands[$2] = $3
}

$1 == "option" { specs[$2] = specs[$2] option() }

END {
  print "#compdef mailcert"
  print "# zsh completion for mailcert; made from its option tables by zsh.awk"
  print ""
  print "_mailcert_cas () {"
  print "  local -a names"
  print "  names=(${(f)\"$(_call_program cas mailcert --list cas 2>/dev/null)\"})"
  print "  compadd -a names"
  print "}"
  print ""
  print "_mailcert_addresses () {"
  print "  local -a names"
  print "  names=(${(f)\"$(_call_program addresses mailcert --list addresses 2>/dev/null)\"})"
  print "  compadd -a names"
  print "}"
  print ""
  print "_mailcert () {"
  print "  local curcontext=$curcontext state line"
  print "  local -a verbs"
  print "  typeset -A opt_args"
  print ""
  print "  verbs=("
  for (i = 1; i <= count; i++)
    printf "    '%s:%s'\n", names[i], message(help[names[i]])
  print "  )"
  printf "  _arguments -C%s \\\n        '1: :->verb' '*:: :->rest'\n", specs["-"]
  print "  case $state in"
  print "  verb) _describe -t commands command verbs ;;"
  print "  rest)"
  print "    case $words[1] in"
  for (i = 1; i <= count; i++)
    printf "    %s)\n      _arguments%s%s%s ;;\n", names[i], specs["-"], specs[names[i]], \
      operand[names[i]] == "-" ? "" : " \\\n        '*:" message(operands[names[i]]) ":" action(operand[names[i]]) "'"
  print "    esac ;;"
  print "  esac"
  print "}"
  print ""
  print "_mailcert \"$@\""
}
