"""A community drawn: hosts, what runs on them, what connects to what, which ports are open and to whom.

build.graph_of(plan, configured, manifest)   # the pure model: nodes, connections, hosts
svg.render(graph)                            # a picture with its text in it
mermaid.render(graph)                        # a flowchart for a page on a forge
sentences.render(graph)                      # the same in sentences, for a screen reader
"""
