"""The first manifest of a community: what is asked, what can be proposed, and what is written."""
