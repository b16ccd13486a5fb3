using Broadcast.Trees.Control;

namespace Broadcast.Trees.Tests.Schedules;

/// <summary>One viewer: watches, or knows when to try again.</summary>
internal sealed class Viewer
{
    private readonly World _world;
    private Node? _at;
    private long _generation;

    public Viewer(World world)
    {
        _world = world;
        world.In(world.Random.Next(8000), () => Ask(Landing(), 0));
    }

    /// <summary>Somebody serves it.</summary>
    public bool IsServed => _at is { IsAlive: true } && _at.Generation == _generation;

    /// <summary>An answer is on its way, or the time of the next try is known.</summary>
    public bool HasPlan { get; private set; } = true;

    /// <summary>Its node died, or sends it away.</summary>
    public void Check()
    {
        if (!HasPlan && (!IsServed || _at!.IsDraining))
        {
            if (IsServed) _at!.AddViewers(-1);
            Again(200);
        }
    }

    private Node Landing()
    {
        // A balancer that prefers the first nodes and does not know the dead at once.
        var count = _world.Nodes.Count;
        return _world.Nodes[Math.Min(_world.Random.Next(count), _world.Random.Next(count))];
    }

    private void Again(double milliseconds)
    {
        _at = null;
        HasPlan = true;
        _world.In(milliseconds, () => Ask(Landing(), 0));
    }

    private void Ask(Node node, int redirects)
    {
        if (!node.IsAlive)
        {
            Again(500);
            return;
        }

        node.Join(redirects > 0, (ulong)_world.Random.NextInt64(), answer =>
        {
            switch (answer)
            {
                case JoinAnswer.Serve when node.IsAlive:
                    _at = node;
                    _generation = node.Generation;
                    HasPlan = false;
                    node.AddViewers(1);
                    break;
                case JoinAnswer.Redirect redirect when redirects < 3:
                    _world.In(50, () => Ask(_world.Find(redirect.Node), redirects + 1));
                    break;
                case JoinAnswer.Refuse refuse:
                    if (refuse.RetryAfter <= TimeSpan.Zero) throw new BrokenRuleException("a viewer was refused without a time to come back");
                    Again(refuse.RetryAfter.TotalMilliseconds);
                    break;
                default:
                    Again(1000);
                    break;
            }
        });
    }
}
