"""河湖长制: waters and their chiefs, patrols, and the list of problems that is struck off one by one."""
