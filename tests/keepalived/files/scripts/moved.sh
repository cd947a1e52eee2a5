#!/bin/bash
# Tells $WHOM where the address is.
STATE=$3
logger "$STATE on $HOSTNAME: $CHANNEL"
