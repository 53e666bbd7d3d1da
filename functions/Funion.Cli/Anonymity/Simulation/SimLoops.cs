using Funion.Mixing;
using Funion.Network;
using Funion.Client;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>A mix's or a gateway's own loops, after <see cref="LoopRole"/>.</summary>
sealed class SimLoops
{
    readonly World _world;
    readonly PathSelection _paths;
    readonly DecoyDestinations _decoys;
    readonly int _self;
    readonly NodeDescriptor _node;

    public SimLoops(World world, NodeDescriptor node)
    {
        _world = world;
        _node = node;
        _self = world.IndexOf(node.Id);
        _paths = new PathSelection(world.Document, node, world.Random);
        _decoys = new DecoyDestinations(world.Document);
        Arm(SlotSource.Of(world.Document, node)[0].Mean);
    }

    public NodeDescriptor Node => _node;

    /// <summary>Whether to watch every loop for its end, which costs an event each.</summary>
    public bool CountsLost { get; set; }

    public long Sent { get; private set; }

    public long Returned { get; private set; }

    public long Lost { get; private set; }

    void Arm(TimeSpan mean)
    {
        if (mean != Timeout.InfiniteTimeSpan && _world.Protections.Cover > 0)
        {
            _world.Events.In(_world.Random.Exponential(mean), () =>
            {
                Send();
                Arm(mean);
            });
        }
    }

    void Send()
    {
        long epoch = _world.Document.Epoch;
        PathHop[] forward = _paths.From(_node, _decoys.Draw(_world.Random).Node, epoch), back = _paths.BackTo(_node, epoch);
        bool returned = false, lost = false;
        NullPacket packet = new(forward, back, null, _ =>
        {
            // LoopRole.ReturnAsync looks at the reply block's id alone: what a reply says is not opened.
            returned = true;
            Returned++;
            Lost -= lost ? 1 : 0;
        });
        Sent++;
        if (CountsLost)
        {
            TimeSpan due = PathSelection.DelayOf(forward) + PathSelection.DelayOf(back) + _world.Document.Slack + (4 * _world.Document.Rates.MeanDelay);
            _world.Events.In(due, () =>
            {
                lost = !returned;
                Lost += lost ? 1 : 0;
            });
        }
        _world.Send(_self, _world.IndexOf(forward[0].Node), packet);
    }
}
