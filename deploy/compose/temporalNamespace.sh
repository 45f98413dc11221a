#!/bin/sh
# Creates Saldo's namespace and search attributes, with a week of finished workflows. Idempotent.
set -eu

namespace=${TEMPORAL_NAMESPACE:-default}

# The server opens its port before it answers. A new namespace is found seconds later.
repeat() {
  for _ in $(seq 60); do
    "$@" && return
    sleep 1
  done
  return 1
}

repeat temporal operator cluster health
if temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$namespace" --retention 7d
else
  temporal operator namespace create --namespace "$namespace" --retention 7d
fi

repeat temporal operator search-attribute list --namespace "$namespace" >/dev/null
known=$(temporal operator search-attribute list --namespace "$namespace")
for attribute in OperationKind=KeywordList UserId=KeywordList OrderId=KeywordList ReservationId=Keyword; do
  name=${attribute%=*}
  printf '%s\n' "$known" | grep -qw "$name" ||
    repeat temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "${attribute#*=}"
done
