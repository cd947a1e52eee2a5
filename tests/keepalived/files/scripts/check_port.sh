#!/bin/bash
count=$(ss -ltn | grep -c ':8080 ')
[ "$count" -gt 0 ] || exit 1
