namespace Funion.Roles;

/// <summary>How promptly whoever runs a node looks at its queues, and how far ahead slots are drawn for that.</summary>
/// <param name="Poll">How long a message may lie visible before anybody looks; zero where every arrival rings.</param>
/// <param name="Window">How far ahead slots are drawn.</param>
/// <param name="Lead">How early a slot's token may appear, so that it is in hand when it is due.</param>
/// <param name="SlotSlack">A slot that is later than this is left out: after a pause there is no burst.</param>
public sealed record NodePace(TimeSpan Poll, TimeSpan Window, TimeSpan Lead, TimeSpan SlotSlack)
{
    /// <summary>For one process that does all of a node's work, and draws every few seconds.</summary>
    public static NodePace OfProcess(TimeSpan poll) => new(poll, TimeSpan.FromSeconds(10), 2 * poll, TimeSpan.FromSeconds(3));
}
