SYSTEM_EMAIL = "system@hms-ach.invalid"
