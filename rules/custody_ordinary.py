"""The life that nearly every manifest has, told apart in one look: then rules.custody_spans asks for terms alone."""

from rules.custody_manifest import Ends, Manifest


def is_ordinary(manifest: Manifest) -> bool:
    """Whether each act is stated at most once, in order, by and to those named, with one load: nothing but terms is open.

    What is not ordinary need not be wrong; it is looked at in full. So this may be stricter than any rule, never laxer.
    """
    issued, departed = manifest.issued, manifest.departed
    if len(issued) != 1 or len(departed) > 1 or _has_more(manifest):
        return False
    issue = issued[0]
    if issue.on_paper or issue.claims or issue.stated_by != issue.ends[1]:
        return False
    if not departed:
        return not (manifest.arrived or manifest.weighed or manifest.accepted or manifest.confirmed)
    left = departed[0]
    if left.ends != issue.ends or left.carrier not in issue.carriers or left.claims:
        return False
    return _is_received_in_order(manifest, issue.ends)


def _has_more(manifest: Manifest) -> bool:
    """Acts of other lives than the ordinary one."""
    return bool(
        manifest.voided
        or manifest.handed_over
        or manifest.refused
        or manifest.returned
        or manifest.observed
        or len(manifest.arrived) > 1
        or len(manifest.weighed) > 1
        or len(manifest.accepted) > 1
    )


def _is_received_in_order(manifest: Manifest, ends: Ends) -> bool:
    """Arrived, weighed, accepted and confirmed after the one departure, by the destination named, as it was loaded."""
    left = manifest.departed[0]
    if manifest.arrived:
        arrival = manifest.arrived[0]
        if arrival.at < left.at or arrival.site != ends[2] or arrival.carrier != left.carrier:
            return False
    if manifest.weighed and (manifest.weighed[0].at < left.at or manifest.weighed[0].lines != left.lines):
        return False
    if not manifest.accepted:
        return not manifest.confirmed
    taken = manifest.accepted[0]
    if taken.at < left.at or taken.lines != left.lines or taken.receiver != ends[2]:
        return False
    if taken.receiver_org and taken.receiver_org != ends[3]:
        return False
    return not manifest.confirmed or manifest.confirmed[0].at >= taken.at
