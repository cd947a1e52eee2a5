#!/bin/sh
# systemctl stop keepalived
/usr/bin/killall -0 haproxy || exit 1
