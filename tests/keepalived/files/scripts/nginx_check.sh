#!/bin/bash
# nginx gone: start it once, then let the other node have the address
if [ $(ps -C nginx --no-header | wc -l) -eq 0 ]; then
    systemctl restart nginx
    sleep 2
    if [ $(ps -C nginx --no-header | wc -l) -eq 0 ]; then
        systemctl stop keepalived
    fi
fi
