# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later

# mailcert --options | awk -f bash.awk > mailcert        (bash completion)

BEGIN { FS = "\t" }

$1 == "verb" {
  verbs = verbs (verbs == "" ? "" : " ") $2
  operands[$2] = $4
}

$1 == "option" {
  options[$2] = options[$2] " --" $3
  if ($4 != "-" && $2 == "-")
    options[$2] = options[$2] " -" $4
  if ($5 != "-" && !($3 in value)) {
    value[$3] = $6
    names[++count] = $3
  }
}

END {
  print "# bash completion for mailcert; made from its option tables by bash.awk"
  print ""
  print "# What a value or an operand can be: a word of the tables."
  print "_mailcert_offer ()"
  print "{"
  print "  case $1 in"
  print "  @file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$2\") ;;"
  print "  @dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$2\") ;;"
  print "  @ca) mapfile -t COMPREPLY < <(compgen -W \"$(mailcert --list cas 2>/dev/null)\" -- \"$2\") ;;"
  print "  @address) mapfile -t COMPREPLY < <(compgen -W \"$(mailcert --list addresses 2>/dev/null)\" -- \"$2\") ;;"
  print "  @keyring) compopt -o nospace 2>/dev/null; mapfile -t COMPREPLY < <(compgen -W 'gpgsm smime-keys nss: files:' -- \"$2\") ;;"
  print "  -) ;;"
  print "  *) mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$2\") ;;"
  print "  esac"
  print "}"
  print ""
  print "# What the value of an option can be; fails where it has none."
  print "_mailcert_value ()"
  print "{"
  print "  case $1 in"
  for (i = 1; i <= count; i++)
    printf "  --%s) echo '%s' ;;\n", names[i], value[names[i]]
  print "  *) return 1 ;;"
  print "  esac"
  print "}"
  print ""
  print "_mailcert ()"
  print "{"
  print "  local cur=${COMP_WORDS[COMP_CWORD]} before='' verb='' i words options operands=-"
  print ""
  print "  COMPREPLY=()"
  print "  # Bash breaks --option=value into three words."
  print "  if [[ $cur == = ]]; then"
  print "    cur='' before=${COMP_WORDS[COMP_CWORD - 1]}"
  print "  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]] && ((COMP_CWORD > 1)); then"
  print "    before=${COMP_WORDS[COMP_CWORD - 2]}"
  print "  else"
  print "    before=${COMP_WORDS[COMP_CWORD - 1]}"
  print "  fi"
  print "  if words=$(_mailcert_value \"$before\"); then"
  print "    _mailcert_offer \"$words\" \"$cur\""
  print "    return"
  print "  fi"
  print "  for ((i = 1; i < COMP_CWORD; i++)); do"
  print "    case ${COMP_WORDS[i]} in"
  print "    =) ((i++)) ;;"
  print "    -*) if _mailcert_value \"${COMP_WORDS[i]}\" >/dev/null && [[ ${COMP_WORDS[i + 1]} != = ]]; then ((i++)); fi ;;"
  print "    *) verb=${COMP_WORDS[i]}; break ;;"
  print "    esac"
  print "  done"
  printf "  options='%s'\n", substr (options["-"], 2)
  print "  case $verb in"
  n = split (verbs, list, " ")
  for (i = 1; i <= n; i++)
    printf "  %s) options+='%s' operands='%s' ;;\n", list[i], options[list[i]], operands[list[i]]
  printf "  '') operands='%s' ;;\n", verbs
  print "  esac"
  print "  if [[ $cur == -* ]]; then"
  print "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")"
  print "  else"
  print "    _mailcert_offer \"$operands\" \"$cur\""
  print "  fi"
  print "}"
  print ""
  print "complete -F _mailcert mailcert"
}
